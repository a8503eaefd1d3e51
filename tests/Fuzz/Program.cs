using System.Globalization;
using AgentMcp.Fuzz;

// The long run: dotnet run -c Release --project tests/Fuzz -- --inputs 200000 [--seed N] [--only PART_OF_A_NAME] [--from I]
// Anything else is for the test runner, which starts this program for the short one.
if (!args.Contains("--inputs"))
{
    return args.Contains("--server") || args.Contains("--internal-msbuild-node")
        ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
        : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}

var inputs = int.Parse(Option("--inputs")!, CultureInfo.InvariantCulture);
var seed = Option("--seed") is { } given ? ulong.Parse(given, CultureInfo.InvariantCulture) : (ulong)Random.Shared.NextInt64();
var reports = await Runs.All(inputs, seed, Option("--only"), int.Parse(Option("--from") ?? "0", CultureInfo.InvariantCulture), report => Console.WriteLine(report));
var failures = reports.Sum(report => report.Failures.Count);
Console.WriteLine($"{reports.Sum(report => report.Inputs)} inputs, {failures} failures, seed {seed}");
return failures == 0 ? 0 : 1;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
