using System.Diagnostics;
using System.Text.Json;

namespace AgentMcp.Benchmarks;

/// <summary>A server in a process of its own: this program's bare one, or agentmcp.</summary>
internal sealed class Child : IDisposable
{
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "agentmcp.dll");

    private static readonly string Self = typeof(Child).Assembly.Location;

    private Child(Process process) => Process = process;

    public Process Process { get; }

    public static Child Echo(string transport) => new(Start([Self, "echo", transport], []));

    /// <param name="answers">What agentmcp says to the calls of a W1.</param>
    public static Child Floor(string database, string transport, (JsonElement Pending, JsonElement Done) answers) => new(Start([Self, "floor", transport], new()
    {
        ["AGENTMCP_DB"] = database,
        ["FLOOR_PENDING"] = answers.Pending.GetRawText(),
        ["FLOOR_DONE"] = answers.Done.GetRawText(),
    }));

    public static Child AgentMcp(string database, string model, params string[] arguments) => new(Start([Program, .. arguments], new()
    {
        ["AGENTMCP_DB"] = database,
        ["AGENTMCP_MODEL"] = model,
        ["AGENTMCP_LOG"] = "errors",
        ["AGENTMCP_AGENTS_HOME"] = "off",
        // Half a million threads that wait are more than one principal may have otherwise.
        ["AGENTMCP_MAX_THREADS"] = "10000000",
    }));

    public async Task<Uri> Url() => new((await Process.StandardOutput.ReadLineAsync())!.Split(' ')[^1]);

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }

    private static Process Start(string[] arguments, Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}

internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agentmcp-bench-").FullName;

    public string Database => System.IO.Path.Combine(Path, "threads.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
