using System.Diagnostics;
using System.Text.Json;
using AgentMcp.Server.Tests.NodeClients;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Conformance;

/// <summary>One check of the suite: <c>SUCCESS</c>, <c>INFO</c>, or what was wrong.</summary>
internal sealed record Check(string Scenario, string Id, string Status, string? Message);

/// <summary>Runs the protocol's own suite, which npm installs in tests/NodeConformance, against a server.</summary>
internal static class Suite
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "NodeConformance");

    /// <summary>What it said of every check; a scenario that says nothing has not run, and is none.</summary>
    /// <exception cref="InvalidOperationException">It has not run to its end, or does not say itself what its checks say.</exception>
    public static async Task<IReadOnlyList<Check>> Run(string url, params string[] arguments)
    {
        Node.Require(Folder);
        var results = Directory.CreateTempSubdirectory("agentmcp-conformance-");
        try
        {
            var start = new ProcessStartInfo("node", [
                "--import", "./preload.mjs", "node_modules/@modelcontextprotocol/conformance/dist/index.js", "server", "--url", url, "-o", results.FullName, .. arguments])
            {
                WorkingDirectory = Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            IReadOnlyList<Check> checks = [.. results.GetDirectories().SelectMany(Read)];
            // It fails for failures alone; warnings and what it skips itself are in the baseline.
            var expected = checks.Any(check => check.Status == "FAILURE") ? 1 : 0;
            return process.ExitCode == expected && checks.Count > 0 ? checks
                : throw new InvalidOperationException($"The suite ended with {process.ExitCode} after {checks.Count} checks, {expected} was expected. {await errors}{output}");
        }
        finally
        {
            results.Delete(recursive: true);
        }
    }

    // A folder for each scenario, named after it and the time: server-ping-2026-01-02T03-04-05-678Z.
    private static IEnumerable<Check> Read(DirectoryInfo scenario)
    {
        var name = scenario.Name["server-".Length..^"-2026-01-02T03-04-05-678Z".Length];
        using var checks = JsonDocument.Parse(File.ReadAllText(Path.Combine(scenario.FullName, "checks.json")));
        return [.. checks.RootElement.EnumerateArray().Select(check => new Check(name, check.GetProperty("id").GetString()!, check.GetProperty("status").GetString()!,
            check.TryGetProperty("errorMessage", out var message) ? message.GetString() : null))];
    }
}
