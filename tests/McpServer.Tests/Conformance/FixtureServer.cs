using System.Diagnostics;

namespace AgentMcp.Server.Tests.Conformance;

/// <summary>
/// A real server process that has the fixtures of the suite. The program that ships gets them by a startup hook, and
/// knows nothing of it; a program of one's own around it adds the agents.
/// </summary>
internal sealed class FixtureServer : IAsyncDisposable
{
    private readonly Process _process;

    private FixtureServer(Process process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    public static Task<FixtureServer> Shipped(string database) => Start("agentmcp.dll", database, start =>
    {
        start.Environment["DOTNET_STARTUP_HOOKS"] = Beside("ConformanceFixtures.dll");
        // So that the suite has headers to check.
        start.Environment["AGENTMCP_ROUTING_HEADERS"] = "on";
    });

    /// <param name="pause">How what waits for a person is shown to a client of the Tasks extension.</param>
    /// <param name="wait">Seconds a call waits. The suite has jobs of two seconds and expects a task for each; by default such a call would simply wait.</param>
    public static Task<FixtureServer> WithAgents(string database, string pause, string wait) => Start("ConformanceFixtures.dll", database, start =>
    {
        start.Environment["AGENTMCP_PAUSE"] = pause;
        start.Environment["AGENTMCP_WAIT"] = wait;
    });

    private static async Task<FixtureServer> Start(string program, string database, Action<ProcessStartInfo> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Beside(program), "http", "--port", "0"]) { RedirectStandardOutput = true };
        start.Environment["AGENTMCP_DB"] = database;
        start.Environment["AGENTMCP_MODEL"] = "rules";
        settings(start);
        var process = Process.Start(start)!;
        var listening = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException($"{program} ended before it listened.");
        return new(process, listening.Split(' ')[^1]);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);
}
