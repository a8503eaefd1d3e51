using System.Collections.Concurrent;
using AgentMcp.Server.Tests.Running;

[assembly: AssemblyFixture(typeof(SharedServers))]

namespace AgentMcp.Server.Tests.Running;

/// <summary>The ways in: every transport with every era of the protocol.</summary>
public static class Ways
{
    public const string Newest = "2026-07-28";
    public const string Sessions = "2025-11-25";

    public static TheoryData<Transport, string> All =>
        new() { { Transport.Stdio, Newest }, { Transport.Stdio, Sessions }, { Transport.Http, Newest }, { Transport.Http, Sessions } };
}

/// <summary>
/// One server process for each way in, shared by all tests and started when first asked for. Its model is rules, and
/// it has a folder of agents: puppet (its steps are chosen by the test), brief, guarded, listed (used by one test alone) and slow.
/// </summary>
public sealed class SharedServers : IAsyncLifetime
{
    private readonly ConcurrentDictionary<(Transport, string), Lazy<Task<RunningServer>>> _running = new();
    private readonly TestFolder _folder = new();

    public static readonly IReadOnlySet<string> TestAgents = new HashSet<string> { "brief", "careful", "guarded", "listed", "puppet", "slow" };

    public HeldModel Model { get; } = new();

    public string AgentsFolder => Path.Combine(_folder.Path, "agents");

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(AgentsFolder);
        Write("puppet", """
            model: caller
            tools: [add, subtract, multiply, divide, request_human_input, await, nothing_to_do, done_for_now]
            gates: { multiply: delegate, subtract: dry_run }
            """);
        Write("brief", """
            model: caller
            tools: [add]
            limits: { steps: 1 }
            """);
        Write("guarded", """
            model: caller
            tools: [divide]
            answerable_by: human
            """);
        Write("careful", """
            model: caller
            tools: [divide, multiply]
            gates: { multiply: approval }
            changes: [divide]
            people: { expires_after: 2d }
            """);
        Write("listed", """
            model: caller
            tools: [divide]
            """);
        // Named like a tool of the server, it cannot be one.
        Write("get_thread", "tools: [add]");
        Write("slow", """
            model: "openai:held"
            tools: [add, divide]
            """);
        return ValueTask.CompletedTask;
    }

    public Task<RunningServer> Of(Transport transport, string protocol) => _running.GetOrAdd((transport, protocol), _ => new(() =>
        RunningServer.Start(transport, DatabaseOf(transport, protocol), protocol, Settings))).Value;

    /// <summary>A process of its own on the database of a shared one.</summary>
    public Task<RunningServer> Beside(Transport transport, string protocol, Transport own, IReadOnlyDictionary<string, string>? more = null) =>
        RunningServer.Start(own, DatabaseOf(transport, protocol), settings: Settings.Concat(more ?? new Dictionary<string, string>()).ToDictionary());

    public string DatabaseOf(Transport transport, string protocol) => Path.Combine(_folder.Path, $"{transport}-{protocol}.db");

    public Dictionary<string, string> Settings => new() { ["agents"] = AgentsFolder, ["base_url"] = Model.BaseUrl };

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _running.Values)
        {
            await (await server.Value).DisposeAsync();
        }

        await Model.DisposeAsync();
        _folder.Dispose();
    }

    private void Write(string name, string fields) => File.WriteAllText(Path.Combine(AgentsFolder, name + ".agent.md"),
        $"---\nname: {name}\ndescription: An agent of the tests.\n{fields}\n---\nYou are {{{{agent}}}}.\n");
}
