using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Cli;
using AgentMcp.Server.Tests.Rest;
using AgentMcp.Server.Triggers;

namespace AgentMcp.Server.Tests.Triggers;

/// <summary>docs/triggers.md shows what works: its settings load, its agent is planned, its script starts a thread.</summary>
public sealed partial class Triggers_docs
{
    private static readonly string Page = File.ReadAllText(RepositoryFile.Path(Path.Combine("docs", "triggers.md"))).ReplaceLineEndings("\n");

    [Fact]
    public async Task The_settings_and_the_agent_are_sound()
    {
        using var agentmcp = new CommandLine();
        await File.WriteAllTextAsync(Path.Combine(agentmcp.Folder, "appsettings.json"), Fenced("json"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(agentmcp.Folder, "morning.agent.md"), Fenced("markdown"), TestContext.Current.CancellationToken);

        var doctor = (await agentmcp.Run("doctor", "--json", "--agents", agentmcp.Folder)).Json.GetProperty("checks").EnumerateArray()
            .Where(check => check.GetProperty("name").GetString() is "triggers" or "schedules" or "agents")
            .Select(check => (check.GetProperty("status").GetString()!, check.GetProperty("detail").GetString()!)).ToList();
        Assert.All(doctor, check => Assert.Equal("ok", check.Item1));
        Assert.Equal(
            [
                "ci: webhook, agent deploybot, agents calculator, secret (set); POST /triggers/ci of agentmcp http",
                "post: email, channel mail, from (set), routes (set), secret (set); POST /triggers/post of agentmcp http",
                "releases: slack, agent deploybot, channel team, from (set); POST /triggers/releases of agentmcp http",
            ], doctor.Select(check => check.Item2).Where(detail => detail.Contains("POST", StringComparison.Ordinal)));
        Assert.Matches(@"^morning: 0 7 \* \* 1-5 in Europe/Berlin, next \d{4}-\d\d-\d\dT07:00:00\+0[12]:00$", doctor[^1].Item2);

        var listed = (await agentmcp.Run("triggers", "--json", "--agents", agentmcp.Folder)).Json;
        Assert.Equal(["/triggers/ci", "/triggers/post", "/triggers/releases"], listed.GetProperty("triggers").EnumerateArray().Select(trigger => trigger.GetProperty("path").GetString()));
        Assert.Equal(["morning"], listed.GetProperty("schedules").EnumerateArray().Select(schedule => schedule.GetProperty("agent").GetString()));
        Assert.Contains("TRIGGER   TYPE     STARTS", (await agentmcp.Run("triggers", "--agents", agentmcp.Folder)).Output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F11.5")]
    public async Task The_script_of_a_ci_job_starts_a_thread()
    {
        Assert.SkipUnless(Has("bash") && Has("openssl") && Has("curl"), "The script needs bash, openssl and curl.");
        await using var bench = await Bench.Start(new Dictionary<string, string>().With("ci", "type=webhook", "secret=" + Receiver.Secret, "agent=calculator"));
        var start = new ProcessStartInfo("bash", ["-eu", "-c", Fenced("bash")]) { RedirectStandardOutput = true };
        (start.Environment["SECRET"], start.Environment["PUBLIC"]) = (Receiver.Secret, bench.Url("/").ToString().TrimEnd('/'));
        using var script = Process.Start(start)!;
        var said = await script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, "accepted"), (script.ExitCode, JsonElement.Parse(said).GetProperty("status").GetString()));
        Assert.Equal("The result is 12.", (await bench.Stands("ci", "run-17", "completed")).Message);
    }

    [Fact]
    public void Every_type_of_envelope_and_every_field_has_its_words()
    {
        Assert.All(Envelope.Types, type => Assert.Contains($"| `{type}` |", Page, StringComparison.Ordinal));
        Assert.All(new[] { "type", "agent", "routes", "agents", "from", "channel", "secret", "verified_by" }, field => Assert.Contains($"| `{field}` |", Page, StringComparison.Ordinal));
    }

    private static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string Fenced(string language) => Fence().Matches(Page).Single(block => block.Groups["language"].Value == language).Groups["body"].Value;

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<body>.*?\n)```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
