using System.Diagnostics;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.NodeClients;

/// <summary>Runs the independent clients of tests/NodeClients, which npm installs there.</summary>
internal static class Node
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "NodeClients");

    /// <summary>Where the servers of other people are installed.</summary>
    public static string Servers { get; } = Path.Combine(Repository.Root, "tests", "NodeServers");

    /// <summary>Where they are not installed the test is skipped; under CI that is a failure.</summary>
    public static void Require() => Require(Folder);

    /// <inheritdoc cref="Require()"/>
    public static void Require(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "node_modules")) && OnPath("node"))
        {
            return;
        }

        var reason = $"Node.js and its packages are not here; install them with: npm ci --prefix tests/{Path.GetFileName(folder)}";
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Fail(reason);
    }

    /// <summary>Runs a program to its end; what it printed, or a failure with what it complained of.</summary>
    public static async Task<string> Run(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{Path.GetFileName(file)} ended with {process.ExitCode}: {await errors}{output}");
    }

    private static bool OnPath(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
