using System.Diagnostics;
using System.Text.RegularExpressions;
using AgentMcp.Server.Cli;
using AgentMcp.Server.Cli.Demo;

namespace AgentMcp.Server.Tests.Cli;

public sealed partial class The_demo_proves_what_it_shows : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    [Trait("Accepts", "F6.3")]
    [Trait("Accepts", "F6.8")]
    public async Task Unattended_every_check_holds_and_nothing_is_left_behind()
    {
        _agentmcp.Environment["TMPDIR"] = _agentmcp.Folder;
        // What the user has set up must stay out of it.
        _agentmcp.Environment["AGENTMCP_DEPLOY_GITHUB"] = "somebody/something";
        _agentmcp.Environment["AGENTMCP_APPROVALS"] = "human";

        var ran = await _agentmcp.Run("demo", "--yes");

        Assert.Equal(
            """
            Checks
               ok      the call returned while a person was still to be asked
               ok      nothing was deployed while the approval was open
               ok      the first server was killed (exit code 137)
               ok      the second server, on another transport, knew the thread as it was left
               ok      the thread went on there
               ok      the same answer a second time changed nothing
               ok      exactly one production tag is in the remote, at the approved commit SHA
               ok      the frontend was switched once, to the approved dpl_102
               ok      every one of the 22 events is in the log once
               ok      the thread is completed

            """, Sha().Replace(ran.Told[ran.Told.IndexOf("Checks", StringComparison.Ordinal)..], "SHA"));
        Assert.Equal(
            ["Promote deployment dpl_102", "> rejected: \"deploy the backend first\"", "Deploy SHA to backend", "> approved", "Promote deployment dpl_102", "> approved"],
            Trace().Matches(Sha().Replace(OncePerAnswer(ran.Told), "SHA")).Select(match => match.Value));
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_agentmcp.Folder));
    }

    [Fact]
    [Trait("Accepts", "P.4")]
    public async Task Through_the_browser_every_check_holds_too()
    {
        _agentmcp.Environment["TMPDIR"] = _agentmcp.Folder;

        var ran = await _agentmcp.Run("demo", "--inbox", "--yes");

        Assert.Contains("Unattended: the form of http://127.0.0.1:", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", ran.Output, StringComparison.Ordinal);
        Assert.Equal((0, "", 10), (ran.ExitCode, ran.Error, ran.Output.Split("   ok      ").Length - 1));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_agentmcp.Folder));
    }

    [Fact]
    public async Task What_is_kept_shows_the_same_to_git_and_to_the_command_line()
    {
        _agentmcp.Environment["TMPDIR"] = _agentmcp.Folder;

        var ran = await _agentmcp.Run("demo", "--yes", "--keep", "--json");

        Assert.Equal((0, "", true), (ran.ExitCode, ran.Error, ran.Json.GetProperty("ok").GetBoolean()));
        var folder = ran.Json.GetProperty("folder").GetString()!;
        var tagged = await Git(folder, "--git-dir", "remote.git", "for-each-ref", "--format=%(*objectname)", "refs/tags");
        Assert.Equal(await Git(folder, "-C", "repository", "rev-parse", "main"), tagged);
        Assert.Equal("dpl_102", new DirectoryInfo(Path.Combine(folder, "releases", "current")).LinkTarget);
        Assert.Equal("completed", (await _agentmcp.Run("threads", "--db", Path.Combine(folder, "threads.db"), "--json")).Json
            .GetProperty("threads").EnumerateArray().Single().GetProperty("status").GetString());
    }

    [Fact]
    public async Task Without_git_it_says_so_and_leaves_nothing_behind()
    {
        _agentmcp.Environment["TMPDIR"] = _agentmcp.Folder;
        _agentmcp.Environment["PATH"] = _agentmcp.Folder;

        var ran = await _agentmcp.Run("demo", "--yes");

        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
        Assert.StartsWith("The demo needs the git program, and it was not found", ran.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_agentmcp.Folder));
    }

    [Fact]
    public void What_was_approved_must_have_happened_once()
    {
        var facts = Facts(approved: true);

        Assert.Empty(Failed(facts.Checks([("prod-1", Sha1)], Playground.LiveBuild, 0)));
        Assert.Equal(["exactly one production tag is in the remote, at the approved commit aaaaaaa"], Failed(facts.Checks([], Playground.LiveBuild, 0)));
        Assert.Equal(["exactly one production tag is in the remote, at the approved commit aaaaaaa"], Failed(facts.Checks([("prod-1", Sha1), ("prod-2", Sha1)], Playground.LiveBuild, 0)));
        Assert.Equal(["exactly one production tag is in the remote, at the approved commit aaaaaaa"], Failed(facts.Checks([("prod-1", new string('b', 40))], Playground.LiveBuild, 0)));
        Assert.Equal(["the frontend is still dpl_101, because no other was approved"], Failed(facts.Checks([("prod-1", Sha1)], Playground.NewBuild, 1)));
    }

    [Fact]
    public void What_was_rejected_must_not_have_happened()
    {
        var facts = Facts(approved: false);

        Assert.Empty(Failed(facts.Checks([], Playground.LiveBuild, 0)));
        Assert.Equal(["no production tag is in the remote, because none was approved"], Failed(facts.Checks([("prod-1", Sha1)], Playground.LiveBuild, 0)));
    }

    private static readonly string Sha1 = new('a', 40);

    private static DemoFacts Facts(bool approved)
    {
        var request = new WireRequest("req_1", "approval", "Deploy?", null, new("tag_push_prod", System.Text.Json.JsonElement.Parse($$"""{"sha_to_deploy":"{{Sha1}}"}""")));
        WireEvent[] events = [new("thread_started", null, null), new("request_opened", null, null), new("request_answered", null, 2), new("thread_completed", null, null)];
        return new()
        {
            First = new("pending", "thr_1", "deploybot", 2, default, null, [request], null),
            Last = new("completed", "thr_1", "deploybot", 4, default, null, [], events),
            UntouchedWhileWaiting = true,
            KillExitCode = 137,
            VersionAcrossServers = (2, 2),
            AnswersAfterKill = 1,
            BeforeRepetition = (4, 1, 0),
            AfterRepetition = (4, 1, 0),
            Answers = { new(request, new PersonsAnswer(approved, null, null)) },
        };
    }

    private static IEnumerable<string> Failed(IEnumerable<Check> checks) => checks.Where(check => !check.Held).Select(check => check.What);

    // A proposal is shown again by the server that goes on; the trace is what was answered.
    private static string OncePerAnswer(string told) => Again().Replace(told, "");

    private static async Task<string> Git(string folder, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = await git.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }

    [GeneratedRegex(@"\b(?=[0-9a-f]*)[0-9a-f]{7}\b")]
    private static partial Regex Sha();

    [GeneratedRegex(@"Promote deployment dpl_\d+|Deploy SHA to backend|> (approved|rejected.*)")]
    private static partial Regex Trace();

    [GeneratedRegex(@"(?s)5\. The server is killed.*?resume_thread on the new server.*?(?=> )")]
    private static partial Regex Again();
}
