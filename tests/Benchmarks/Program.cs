using AgentMcp.Benchmarks;
using Spectre.Console;

// dotnet run -c Release --project tests/Benchmarks [-- PART...]   parts: http stdio steps length resume cold memory
if (args is ["bare-http"])
{
    await BareServer.Http();
    return;
}

if (args is ["bare-stdio"])
{
    await BareServer.Stdio();
    return;
}

var parts = new Dictionary<string, Func<Task<Table>>>(StringComparer.Ordinal)
{
    ["http"] = () => CallBenchmark.Run(overHttp: true),
    ["stdio"] = () => CallBenchmark.Run(overHttp: false),
    ["steps"] = StepBenchmark.Steps,
    ["length"] = StepBenchmark.Length,
    ["resume"] = ResumeBenchmark.Run,
    ["cold"] = ProcessBenchmark.ColdStart,
    ["memory"] = ProcessBenchmark.Memory,
};
AnsiConsole.Profile.Width = 110;
foreach (var part in args.Length > 0 ? args : [.. parts.Keys])
{
    AnsiConsole.Write(await parts[part]());
}
