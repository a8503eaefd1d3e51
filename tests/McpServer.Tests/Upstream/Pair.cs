using AgentMcp.Faults.World;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>
/// A server here, whose agent chief has the caller for a model, and one there with the calculator and its rules. Over
/// HTTP the one there is a process of the test's own; over stdio the one here starts it.
/// </summary>
internal sealed class Pair : IAsyncDisposable
{
    private readonly Office _here = new();
    private readonly TestFolder _there = new();
    private readonly Dictionary<string, string> _settings;
    private readonly int _port = Ports.Free();
    private LateLine? _line;
    private bool _isQuick;

    private Pair(string approvals) => _settings = new() { ["approvals"] = approvals };

    public RunningServer Here { get; private set; } = null!;

    public RunningServer? There { get; private set; }

    /// <summary>What lies between the two, where something does.</summary>
    public LateLine Line => _line!;

    public string HereDatabase => _here.Database;

    public string ThereDatabase => _there.Database;

    /// <param name="late">A word in the one request over HTTP whose answer does not come; a call then takes a second at most.</param>
    /// <param name="line">Something lies between the two over HTTP.</param>
    public static async Task<Pair> Start(
        bool http, string approvals = "caller", string chief = "tools: [far.calculator]\ngates: { far.calculator: none }", string? late = null, bool line = false)
    {
        var pair = new Pair(approvals);
        if (http)
        {
            await pair.StartThere();
            pair._isQuick = late is not null;
            pair._line = late is null && !line ? null : new LateLine(pair.There!.Url!, late);
            pair._here.With("far", new { url = pair._line?.Url ?? pair.There!.Url!.ToString() });
        }
        else
        {
            pair._here.With("far", new
            {
                command = "dotnet",
                args = new[] { TheProgram.Path, "stdio", "--db", pair.ThereDatabase, "--model", "rules" },
            });
        }

        pair._here.Agent("chief", chief);
        await pair.StartHere();
        return pair;
    }

    public async Task StartHere() => Here = await _here.Start(more: !_isQuick ? null : new() { ["mcp_timeout"] = "1" });

    /// <summary>The one here ends, and begins again with another file of chief.</summary>
    public async Task Edit(string chief)
    {
        await Here.DisposeAsync();
        _here.Agent("chief", chief);
        await StartHere();
    }

    public async Task StartThere()
    {
        // The same port again: it is the same server to whoever knows its address.
        There = await RunningServer.Start(Transport.Http, _there.Database, settings: _settings, arguments: ["--port", $"{_port}"]);
    }

    public async Task StopThere()
    {
        await There!.Kill();
        await There.DisposeAsync();
        There = null;
    }

    /// <summary>Has chief call the calculator, and waits for what that asks.</summary>
    public async Task<Reply> Call() =>
        await Until((await Here.Take("chief", new { intent = "far.calculator", message = "divide 3 by 4" })).ThreadId, reply => reply.Kind == "approval");

    public Task<Reply> Settle(Reply reply) => Until(reply.ThreadId, now => now.Kind is not "child");

    /// <summary>The agents that have threads there, each with how it stands.</summary>
    public async Task<string[]> ThreadsThere() =>
        [.. (await There!.Ask("list_threads", new { })).GetProperty("threads").EnumerateArray().Select(thread => $"{thread.GetProperty("agent").GetString()} {thread.GetProperty("status").GetString()}")];

    public async Task<Reply> Until(string thread, Func<Reply, bool> enough)
    {
        var reply = await Here.Do("get_thread", new { thread_id = thread });
        while (reply.Status == "running" || (reply.Status == "pending" && !enough(reply)))
        {
            reply = await Here.Do("wait_thread", new { thread_id = thread, wait_seconds = 0.3 });
        }

        return reply;
    }

    public async ValueTask DisposeAsync()
    {
        await Here.DisposeAsync();
        if (_line is not null)
        {
            await _line.DisposeAsync();
        }

        if (There is not null)
        {
            await There.DisposeAsync();
        }

        _here.Dispose();
        _there.Dispose();
    }
}
