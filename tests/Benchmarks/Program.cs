using AgentMcp.Benchmarks;
using Spectre.Console;

// dotnet run -c Release --project tests/Benchmarks [-- PART...]   parts: http stdio steps length flat cold memory; by name only: soak [--minutes N]
if (args is ["echo" or "floor", var transport])
{
    string Given(string name) => Environment.GetEnvironmentVariable(name)!;
    var tools = args[0] == "echo" ? BareServer.Echo : FloorTool.Both(Given("AGENTMCP_DB"), Given("FLOOR_PENDING"), Given("FLOOR_DONE"));
    await (transport == "http" ? BareServer.Http(tools) : BareServer.Stdio(tools));
    return;
}

// For a first look on a busy machine: -- --quick http
if (args is ["--quick", ..])
{
    (Load.WarmUp, Load.Measured) = (TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5));
    (FlatBenchmark.Rounds, FlatBenchmark.Sizes) = (100, [1_000, 20_000]);
    args = args[1..];
}

var parts = new Dictionary<string, Func<Task<Table>>>(StringComparer.Ordinal)
{
    ["http"] = () => CallBenchmark.Run(overHttp: true),
    ["stdio"] = () => CallBenchmark.Run(overHttp: false),
    ["steps"] = StepBenchmark.Steps,
    ["length"] = StepBenchmark.Length,
    ["flat"] = FlatBenchmark.Run,
    ["cold"] = ProcessBenchmark.ColdStart,
    ["memory"] = ProcessBenchmark.Memory,
};
if (args is ["soak", ..])
{
    SoakBenchmark.Lasting = args is [_, "--minutes", var minutes] ? TimeSpan.FromMinutes(double.Parse(minutes, System.Globalization.CultureInfo.InvariantCulture)) : SoakBenchmark.Lasting;
    (args, parts) = (["soak"], new(StringComparer.Ordinal) { ["soak"] = SoakBenchmark.Run });
}

AnsiConsole.Profile.Width = 130;
foreach (var part in args.Length > 0 ? args : [.. parts.Keys])
{
    AnsiConsole.Write(await parts[part]());
}
