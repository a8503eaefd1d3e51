using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>A real HTTP server with channels, a database of its own, and an agent named puppet whose steps the test chooses.</summary>
public sealed class Bench : IAsyncDisposable
{
    /// <summary>After this a message that did not come will not come: only so that a failure is told and not waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestFolder _folder = new();
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly string? _program;

    private Bench(IReadOnlyDictionary<string, string> settings, string people, string tools, string? program)
    {
        _program = program;
        var agents = Directory.CreateDirectory(Path.Combine(_folder.Path, "agents")).FullName;
        File.WriteAllText(Path.Combine(agents, "puppet.agent.md"), $"""
            ---
            name: puppet
            description: An agent of the tests.
            model: caller
            tools: [{tools}]
            {people}
            ---
            You are a puppet.

            """);
        _settings = settings.Append(new("agents", agents)).ToDictionary();
    }

    public string Database => _folder.Database;

    public RunningServer Server { get; private set; } = null!;

    /// <param name="program">Another program than agentmcp that can do all it can.</param>
    public static async Task<Bench> Start(
        IReadOnlyDictionary<string, string> settings, string people = "limits: { steps: 20 }", string tools = "divide, request_human_input, done_for_now", string? program = null)
    {
        var bench = new Bench(settings, people, tools, program);
        bench.Server = await bench.Another();
        return bench;
    }

    /// <summary>Another process on the same database, with the same settings and perhaps more.</summary>
    public Task<RunningServer> Another(IReadOnlyDictionary<string, string>? more = null) =>
        RunningServer.Start(Transport.Http, Database, settings: _settings.Concat(more ?? new Dictionary<string, string>()).ToDictionary(), program: _program);

    /// <summary>Makes a backup as an operator does.</summary>
    public async Task<string> BackUp()
    {
        var to = Path.Combine(_folder.Path, "backup.db");
        using var backup = RunningServer.Launch(["backup", to], Database, program: _program);
        await backup.WaitForExitAsync(TestContext.Current.CancellationToken);
        return to;
    }

    /// <summary>A server that has gone back to a backup, with the same settings.</summary>
    public Task<RunningServer> Back(string backup) => RunningServer.Start(Transport.Http, backup, settings: _settings, program: _program);

    public Uri Url(string path) => new(Server.Url!, path);

    /// <summary>A calculator that waits for leave to divide.</summary>
    public Task<Reply> AskToDivide(string message = "Divide 3 by 4") => Server.Do("calculator", new { message });

    /// <summary>The puppet, which has just asked this.</summary>
    public async Task<Reply> Ask(object step)
    {
        var started = await Server.Do("puppet", new { message = "go" });
        return await Server.Do("resume_thread", new { thread_id = started.ThreadId, request_id = started.RequestId, response = step });
    }

    public Task<Reply> Get(string thread) => Server.Do("get_thread", new { thread_id = thread, include_events = true });

    public async Task<JsonElement[]> Events(string thread, string type) =>
        [.. (await Get(thread)).Json.GetProperty("events").EnumerateArray().Where(happened => happened.GetProperty("type").GetString() == type)];

    public Task<Reply> Finished(string thread) => Server.Do("wait_thread", new { thread_id = thread, wait_seconds = 30 });

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
