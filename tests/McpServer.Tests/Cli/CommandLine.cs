using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Cli;

/// <summary>The program as its users run it: a process for every command, one database for all of a test.</summary>
public sealed partial class CommandLine : IDisposable
{
    private readonly TestFolder _folder = new();

    public string Folder => _folder.Path;

    public string Database => _folder.Database;

    /// <summary>AGENTMCP_* settings and others, by their whole names.</summary>
    public Dictionary<string, string> Environment { get; } = new() { ["AGENTMCP_MODEL"] = "rules" };

    public Task<Ran> Run(params string[] arguments) => RunOf(TheProgram.Path, arguments);

    /// <summary>Another program with the commands of this one.</summary>
    public async Task<Ran> RunOf(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Dotnet, [program, .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Settings of whoever runs the tests, and what makes tests go on for longer, are nothing to the program.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AGENTMCP_", StringComparison.Ordinal) && name != "AGENTMCP_AGENTS_HOME").ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["AGENTMCP_DB"] = Database;
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>Calls an agent and returns its thread.</summary>
    public async Task<string> Call(string agent, string message) =>
        (await Run("call", agent, message, "--json")).Json.GetProperty("thread_id").GetString()!;

    public void Dispose() => _folder.Dispose();

    // Found once: a test may leave the program without a PATH.
    private static string Dotnet { get; } = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")).First(File.Exists);

    /// <param name="Output">Standard output.</param>
    public sealed partial record Ran(int ExitCode, string Output, string Error)
    {
        public JsonElement Json => JsonElement.Parse(Output);

        /// <summary>The output with ids and times made the same in every run.</summary>
        public string Told => Stable(Output);

        public string Complained => Stable(Error);
    }

    private static string Stable(string text) =>
        Moment().Replace(Time().Replace(Hex().Replace(text.ReplaceLineEndings("\n"), "${prefix}..."), "00:00:00.000"), "2026-01-01 00:00:00Z");

    [GeneratedRegex("(?<prefix>thr_|req_)[0-9a-f]{32}")]
    private static partial Regex Hex();

    [GeneratedRegex(@"\b\d\d:\d\d:\d\d\.\d{3}\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")]
    private static partial Regex Moment();
}
