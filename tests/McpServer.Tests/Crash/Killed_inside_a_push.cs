using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>The remote itself holds the push, before it takes it or after it took it, and the server is killed meanwhile.</summary>
public sealed class Killed_inside_a_push : IDisposable
{
    private const string Sha = "71b5bf14234a6f9d9807b410cace28a094d4bb2d";

    private const string Asked = """
        started deploybot
        fetched list_git_commits
        fetched list_vercel_deployments
        rules chose tag_push_prod
        asked approval: Deploy 71b5bf1 to backend production (now nothing yet)?
        local answered True
        started tag_push_prod
        asked in_doubt: tag_push_prod was cut off and nobody knows whether it happened. What became of it?
        """;

    private readonly TestFolder _folder = new();
    private readonly Monorepo _world;

    public Killed_inside_a_push() => _world = new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait("Accepts", "F8.7")]
    [InlineData("post-receive", "done", 1,
        """
        local answered
        tag_push_prod returned
        fetched list_git_commits
        fetched list_vercel_deployments
        rules chose done_for_now
        completed {"message":"Backend: deployed 71b5bf1 with tag prod-TIME-71b5bf1."}
        """)]
    [InlineData("post-receive", "run_again", 1,
        """
        local answered
        tag_push_prod failed: Commit 71b5bf1 is already in production; there is nothing to deploy to the backend.
        fetched list_git_commits
        fetched list_vercel_deployments
        rules chose done_for_now
        completed {"message":"Commit 71b5bf1 is already in production; there is nothing to deploy to the backend."}
        """)]
    [InlineData("post-receive", "skip", 1,
        """
        local answered
        fetched list_git_commits
        fetched list_vercel_deployments
        rules chose done_for_now
        completed {"message":"Nothing was deployed: it is not known what became of the last deploy, and it was left at that."}
        """)]
    [InlineData("pre-receive", "run_again", 1,
        """
        local answered
        started tag_push_prod (attempt 2)
        tag_push_prod returned
        fetched list_git_commits
        fetched list_vercel_deployments
        rules chose done_for_now
        completed {"message":"Backend: deployed 71b5bf1 with tag prod-TIME-71b5bf1."}
        """)]
    [InlineData("pre-receive", "skip", 0,
        """
        local answered
        fetched list_git_commits
        fetched list_vercel_deployments
        rules chose done_for_now
        completed {"message":"Nothing was deployed: it is not known what became of the last deploy, and it was left at that."}
        """)]
    public async Task A_person_says_what_became_of_it_and_nothing_is_pushed_twice(string hook, string outcome, int tags, string then)
    {
        var client = new Client("deploy the backend", _ => outcome == "done"
            ? new { outcome, result = new { sha = Sha, tag = _world.Tags.Single(), pushed_to = "origin" } }
            : new { outcome });
        await KillInside(hook, client);

        await using var next = await RunningServer.Start(Transport.Http, _folder.Database, settings: _world.Settings);
        var pending = await client.Drive(next, until: seen => KindOf(seen) == "in_doubt");
        var open = pending.GetProperty("requests")[0];
        Assert.Equal(Asked, Story.Outline(LogOf(pending)));
        Assert.Equal("The process stopped after the call was started and before its outcome was stored.", open.GetProperty("context").GetString()!.Split('\n')[0]);
        Assert.Equal(Sha, open.GetProperty("action").GetProperty("arguments").GetProperty("sha_to_deploy").GetString());

        var done = await client.Drive(next);

        var log = LogOf(done);
        Assert.Equal($"{Asked}\n{then}", Story.Timeless($"{Story.Outline(log)} {((ThreadCompleted)log[^1]).Output}"));
        Assert.Equal(tags, _world.Tags.Count);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "R.10")]
    public async Task Killed_again_at_every_append_of_its_recovery_it_still_ends_with_one_push()
    {
        // The person looks each time: nothing was pushed by the first attempt, and something by the second.
        var client = new Client("deploy the backend", _ => _world.Tags is [var tag]
            ? new { outcome = "done", result = new { sha = Sha, tag, pushed_to = "origin" } }
            : new { outcome = "run_again" });
        await KillInside("pre-receive", client);
        var database = Database.Open(_folder.Database);
        foreach (var version in (int[])[8, 9, 10, 11])
        {
            var trap = new Trap(database, version);
            await using var server = await RunningServer.Start(version % 2 == 1 ? Transport.Http : Transport.Stdio, _folder.Database, settings: _world.Settings);
            var cutOff = client.Drive(server);
            await trap.Sprung(version - 1, TestContext.Current.CancellationToken);
            await server.Kill();
            await Assert.ThrowsAnyAsync<Exception>(() => cutOff);
            trap.Remove();
            Assert.Equal(version - 1, database.Events(database.OnlyThread()!).Count);
        }

        await using var next = await RunningServer.Start(Transport.Http, _folder.Database, settings: _world.Settings);
        var done = await client.Drive(next);

        Assert.Equal(
            $"""
            {Asked}
            local answered
            started tag_push_prod (attempt 2)
            asked in_doubt: tag_push_prod was cut off and nobody knows whether it happened. What became of it?
            local answered
            tag_push_prod returned
            fetched list_git_commits
            fetched list_vercel_deployments
            rules chose done_for_now
            completed
            """, Story.Outline(LogOf(done)));
        Assert.Single(_world.Tags);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_push_that_outlives_its_server_and_the_second_attempt_end_in_one_tag()
    {
        var client = new Client("deploy the backend", _ => new { outcome = "run_again" });
        using var gate = new Gate(_folder);
        _world.StopFirstPush("pre-receive", gate);
        await using var server = await RunningServer.Start(Transport.Stdio, _folder.Database, settings: _world.Settings);
        var cutOff = client.Drive(server);
        using var remote = await gate.Arrived(TestContext.Current.CancellationToken);
        await server.Kill();
        await Assert.ThrowsAnyAsync<Exception>(() => cutOff);

        await using var next = await RunningServer.Start(Transport.Http, _folder.Database, settings: _world.Settings);
        var done = await client.Drive(next);
        gate.Open(go: true);
        await remote.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Single(_world.Tags);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_thread_in_doubt_can_be_cancelled_and_forked_and_no_copy_runs_on_the_old_approval()
    {
        var client = new Client("deploy the backend", _ => new { outcome = "skip" });
        await KillInside("pre-receive", client);
        await using var next = await RunningServer.Start(Transport.Stdio, _folder.Database, settings: _world.Settings);
        var thread = (await client.Drive(next, until: seen => KindOf(seen) == "in_doubt")).GetProperty("thread_id").GetString();

        var middle = await next.Call("fork_thread", new { thread_id = thread, at_version = 7 });
        var doubt = await next.Ask("fork_thread", new { thread_id = thread, at_version = 8 });
        var asked = await next.Ask("resume_thread", new { thread_id = doubt.GetProperty("thread_id").GetString(), response = "run_again" });
        var copy = await next.Ask("fork_thread", new { thread_id = thread, at_version = 3 });
        var cancelled = await next.Ask("cancel_thread", new { thread_id = thread });
        var late = await next.Call("resume_thread", new { thread_id = thread, response = "run_again" });
        var done = await next.Ask("resume_thread", new { thread_id = copy.GetProperty("thread_id").GetString(), approved = true });

        Assert.Equal((true, true), (middle.IsError, late.IsError));
        Assert.Equal(("in_doubt", "approval", "approval"), (KindOf(doubt), KindOf(asked), KindOf(copy)));
        Assert.Equal(("cancelled", 9), (cancelled.GetProperty("status").GetString(), cancelled.GetProperty("version").GetInt32()));
        Assert.Equal("completed", done.GetProperty("status").GetString());
        Assert.Single(_world.Tags);
    }

    private async Task KillInside(string hook, Client client)
    {
        using var gate = new Gate(_folder);
        _world.StopFirstPush(hook, gate);
        await using var server = await RunningServer.Start(Transport.Stdio, _folder.Database, settings: _world.Settings);
        var cutOff = client.Drive(server);
        using var remote = await gate.Arrived(TestContext.Current.CancellationToken);
        await server.Kill();
        await Assert.ThrowsAnyAsync<Exception>(() => cutOff);
        // The git that the server left behind comes to its end: refused before the push, too late to refuse after it.
        gate.Open(go: false);
        await remote.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private IReadOnlyList<ThreadEvent> LogOf(JsonElement seen) => Database.Open(_folder.Database).Events(seen.GetProperty("thread_id").GetString()!);

    private static string? KindOf(JsonElement seen) =>
        seen.GetProperty("requests") is { } requests && requests.GetArrayLength() > 0 ? requests[0].GetProperty("kind").GetString() : null;
}
