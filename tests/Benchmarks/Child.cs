using System.Diagnostics;

namespace AgentMcp.Benchmarks;

/// <summary>A server in a process of its own: this program's bare one, or agentmcp.</summary>
internal sealed class Child : IDisposable
{
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "agentmcp.dll");

    private Child(Process process) => Process = process;

    public Process Process { get; }

    public static Child Bare(string transport) => new(Start([typeof(Child).Assembly.Location, $"bare-{transport}"], null, "caller"));

    public static Child AgentMcp(string database, string model, params string[] arguments) => new(Start([Program, .. arguments], database, model));

    public async Task<Uri> Url() => new((await Process.StandardOutput.ReadLineAsync())!.Split(' ')[^1]);

    public void Dispose()
    {
        Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }

    private static Process Start(string[] arguments, string? database, string model)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["AGENTMCP_DB"] = database;
        start.Environment["AGENTMCP_MODEL"] = model;
        start.Environment["AGENTMCP_LOG"] = "errors";
        start.Environment["AGENTMCP_AGENTS_HOME"] = "off";
        // Half a million threads that wait are more than one principal may have otherwise.
        start.Environment["AGENTMCP_MAX_THREADS"] = "10000000";
        return Process.Start(start)!;
    }
}

internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("agentmcp-bench-").FullName;

    public string Database => System.IO.Path.Combine(Path, "threads.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
