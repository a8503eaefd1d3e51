using System.Text.RegularExpressions;
using AgentMcp.Server.Cli;
using AgentMcp.Server.Cli.Demo;
using AgentMcp.Server.Cli.Demo.Pipeline;
using AgentMcp.Server.Tests.Cli;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Pipeline;

public sealed partial class The_pipeline_demo_proves_what_it_shows : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    [Trait("Accepts", "D.2")]
    [Trait("Accepts", "D.3")]
    [Trait("Accepts", "D.4")]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "F6.3")]
    public async Task Unattended_every_check_holds_and_nothing_is_left_behind()
    {
        _agentmcp.Environment["TMPDIR"] = _agentmcp.Folder;
        // What the user has set up must stay out of it.
        _agentmcp.Environment["AGENTMCP_DEPLOY_GITHUB"] = "somebody/something";
        _agentmcp.Environment["AGENTMCP_PIPELINE_PRODUCTION_URL"] = "http://127.0.0.1:9/";

        var ran = await _agentmcp.Run("demo", "--pipeline", "--yes");

        Assert.Equal(
            """
            Checks
               ok      "Show prices with taxes": the call returned while an agent two threads deep asked for approval
               ok      "Show prices with taxes": staging served it by then, and production was untouched
               ok      "Show prices with taxes": the server was killed (exit code 137), and the next one, over HTTP, knew both threads as they were left
               ok      "Show prices with taxes": the same answer a second time changed nothing
               ok      "Show prices with taxes": production passed its tests and serves it
               ok      "Show prices with taxes": every event of its 2 threads is in a log once
               ok      "Take the tax from the settings": the call returned while an agent two threads deep asked for approval
               ok      "Take the tax from the settings": staging served it by then, and production was untouched
               ok      "Take the tax from the settings": the server was killed (exit code 137), and the next one, over stdio, knew both threads as they were left
               ok      "Take the tax from the settings": production failed its tests, a thread of its own took it back, and production serves what it did before
               ok      "Take the tax from the settings": every event of its 3 threads is in a log once
               ok      the remote has one production tag for each of the 3 approved pushes, in their order, and no other
               ok      the frontend was switched once for each of the 3 approved promotions

            """, ran.Told[ran.Told.IndexOf("Checks", StringComparison.Ordinal)..]);
        AssertTheReadmeTells(ran.Told);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_agentmcp.Folder));
        var started = Service().Matches(ran.Output).Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        Assert.Equal((6, false), (started.Count, System.Diagnostics.Process.GetProcesses().Any(process => started.Contains(process.Id))));
    }

    [Fact]
    public async Task It_is_one_demo_or_the_other()
    {
        var ran = await _agentmcp.Run("demo", "--pipeline", "--inbox");

        Assert.Equal((2, "--inbox and --pipeline are two demos; choose one of them.\nSee: agentmcp demo --help\n"), (ran.ExitCode, ran.Error));
    }

    [Fact]
    public void What_was_approved_must_have_happened_once_and_be_served()
    {
        Assert.Empty(Failed(Deployed(after: New), [Old, New], 1));
        Assert.Equal(["\"Ship it\": production passed its tests and serves it"], Failed(Deployed(after: Old), [Old, New], 1));
        Assert.Equal(["the remote has one production tag for each of the 1 approved pushes, in their order, and no other"], Failed(Deployed(after: New), [Old, New, New], 1));
        Assert.Equal(["the remote has one production tag for each of the 1 approved pushes, in their order, and no other"], Failed(Deployed(after: New), [Old], 1));
        Assert.Equal(["the frontend was switched once for each of the 1 approved promotions"], Failed(Deployed(after: New), [Old, New], 2));
    }

    [Fact]
    public void A_run_that_ended_badly_is_a_failed_check() =>
        Assert.Equal(["\"Ship it\": the pipeline ended well (failed)"], Failed(Deployed(after: New, status: "failed", outcome: null), [Old, New], 1));

    /// <summary>Every line of the transcript in the README is told, in its order, but for numbers and names of commits.</summary>
    private static void AssertTheReadmeTells(string told)
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).ReplaceLineEndings("\n");
        var block = readme[(readme.IndexOf("```\n9. A commit", StringComparison.Ordinal) + 4)..].Split("\n```")[0];
        var lines = new Queue<string>(Varying().Replace(told, "#").Split('\n'));
        Assert.All(Varying().Replace(block, "#").Split('\n'), line =>
        {
            var found = false;
            while (!found && lines.TryDequeue(out var next))
            {
                found = next == line;
            }

            Assert.True(found, $"The demo does not tell this, or not here: {line}");
        });
    }

    private static readonly string Old = new('a', 40);
    private static readonly string New = new('b', 40);

    private static IEnumerable<string> Failed(Delivery delivery, string[] tags, int switches) =>
        PipelineFacts.Checks([delivery], [.. tags.Select((sha, i) => ($"prod-{i}", sha))], switches).Where(check => !check.Held).Select(check => check.What);

    private static Delivery Deployed(string after, string status = "completed", string? outcome = "deployed")
    {
        WireEvent[] events = [new("thread_started", null, null)];
        var output = System.Text.Json.JsonElement.Parse(outcome is null ? "{}" : $$"""{"outcome":"{{outcome}}"}""");
        var root = new WireThread(status, "thr_1", "pipeline", 1, output, null, [], events);
        return new()
        {
            Sha = New,
            Title = "Ship it",
            Before = new("<p>Before</p>", Old, Old),
            After = new(after == New ? "<p>Ship it</p>" : "<p>Before</p>", after, after),
            Last = root,
            AskedBelow = true,
            OnStagingOnly = true,
            Answers = { Yes("tag_push_prod", $$"""{"sha_to_deploy":"{{New}}"}"""), Yes("promote_vercel_deployment", """{"deployment_id":"dpl_1"}""") },
            Threads = { root, root with { ThreadId = "thr_2", Agent = "deploybot" } },
        };
    }

    private static GivenAnswer Yes(string tool, string arguments) =>
        new(new("req_1", "approval", "?", null, new(tool, System.Text.Json.JsonElement.Parse(arguments)), Path: ["thr_1", "thr_2"]), new PersonsAnswer(true, null, null));

    [GeneratedRegex(@"(?<![a-z])[0-9a-f]{7}(?![0-9a-z])|\d+")]
    private static partial Regex Varying();

    [GeneratedRegex(@"\b[Pp]rocess (\d+)")]
    private static partial Regex Service();
}
