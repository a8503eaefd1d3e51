using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>
/// Crash anywhere: the whole deployment (frontend rejected, backend first, frontend after it), killed before each
/// append (and within some) and ended by another process over the other transport.
/// </summary>
public sealed class Killed_before_any_append(Killed_before_any_append.Undisturbed undisturbed) : IClassFixture<Killed_before_any_append.Undisturbed>
{
    [Fact]
    [Trait("Accepts", "D.2")]
    public void The_undisturbed_run_has_this_log_and_does_this_to_the_world()
    {
        Assert.Equal(
            """
            started deploybot
            fetched list_git_commits
            fetched list_vercel_deployments
            rules chose promote_vercel_deployment
            asked approval: Promote deployment dpl_1 (71b5bf1) to frontend production (now dpl_0, eab4149)?
            local answered False "deploy the backend first"
            rules chose tag_push_prod
            asked approval: Deploy 71b5bf1 to backend production (now nothing yet)?
            local answered True
            started tag_push_prod
            tag_push_prod returned
            fetched list_git_commits
            fetched list_vercel_deployments
            rules chose promote_vercel_deployment
            asked approval: Promote deployment dpl_1 (71b5bf1) to frontend production (now dpl_0, eab4149)?
            local answered True
            started promote_vercel_deployment
            promote_vercel_deployment returned
            fetched list_git_commits
            fetched list_vercel_deployments
            rules chose done_for_now
            completed
            """, undisturbed.Outline);
        Assert.Equal(
            """
            remote: heads/main 71b5bf14234a6f9d9807b410cace28a094d4bb2d
            tags/prod-TIME-71b5bf1 71b5bf14234a6f9d9807b410cace28a094d4bb2d
            clone: heads/main
            remotes/origin/main
            tags/prod-TIME-71b5bf1
            current: dpl_1
            switched: 1
            """, undisturbed.Outside);
    }

    [Theory]
    [Trait("Accepts", "F6.3")]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "R.3")]
    [Trait("Accepts", "R.6")]
    [Trait("Accepts", "R.10")]
    [Trait("Accepts", "R.11")]
    [InlineData(1, 0, "")]
    [InlineData(2, 1, "")]
    [InlineData(3, 1, "")]
    [InlineData(4, 1, "")]
    [InlineData(6, 5, "")]
    [InlineData(7, 5, "")]
    [InlineData(8, 7, "")]
    [InlineData(9, 8, "")]
    [InlineData(10, 9, "")]
    [InlineData(11, 10, "asked in_doubt: tag_push_prod was cut off and nobody knows whether it happened. What became of it?\nlocal answered")]
    [InlineData(12, 11, "")]
    [InlineData(13, 11, "")]
    [InlineData(14, 11, "")]
    [InlineData(16, 15, "")]
    [InlineData(17, 16, "")]
    [InlineData(18, 17, "asked in_doubt: promote_vercel_deployment was cut off and nobody knows whether it happened. What became of it?\nlocal answered")]
    [InlineData(19, 18, "")]
    [InlineData(21, 18, "")]
    [InlineData(22, 18, "")]
    public async Task The_log_and_the_world_end_as_in_the_undisturbed_run(int killedAt, int least, string detours)
    {
        using var folder = new TestFolder();
        var world = new Monorepo(folder.Path);
        var client = ClientOf(world);
        var database = Database.Open(folder.Database);
        var trap = new Trap(database, killedAt);
        await using (var server = await RunningServer.Start(Alternately(killedAt), folder.Database, settings: world.Settings))
        {
            var cutOff = client.Drive(server);
            await trap.Sprung(least, TestContext.Current.CancellationToken);
            await server.Kill();
            await Assert.ThrowsAnyAsync<Exception>(() => cutOff);
        }

        trap.Remove();
        var before = database.OnlyThread() is { } known ? database.Events(known) : [];
        // Whether what was only read since is stored, too, is a matter of time.
        var stored = before.Count;
        Assert.InRange(stored, least, killedAt - 1);

        await using var next = await RunningServer.Start(Alternately(killedAt + 1), folder.Database, settings: world.Settings);
        await client.Drive(next);

        var thread = database.OnlyThread()!;
        var log = database.Events(thread);
        Assert.Equal(before, log.Take(stored));
        Assert.Equal(detours, Story.Detours(log));
        Assert.Equal(undisturbed.Log, Story.WithoutDetours(log));
        var killed = Math.Max(1, stored);
        Assert.Equal(log[killed - 1] is ToolStarted, await IsMidCall(next, thread, killed));
        Assert.Equal(undisturbed.Outside, world.Outside);
    }

    // A copy of where it was killed goes on as far as it may without a person, and ends when told to.
    private static async Task<bool> IsMidCall(RunningServer server, string thread_id, int at_version)
    {
        var fork = await server.Call("fork_thread", new { thread_id, at_version });
        if (fork.StructuredContent is not { } copy)
        {
            Assert.Contains("lies in the middle of", ((TextContentBlock)fork.Content[0]).Text, StringComparison.Ordinal);
            return true;
        }

        var ended = await server.Ask("cancel_thread", new { thread_id = copy.GetProperty("thread_id").GetString() });
        Assert.Equal(copy.GetProperty("status").GetString() == "pending" ? "cancelled" : "completed", ended.GetProperty("status").GetString());
        return false;
    }

    private static Transport Alternately(int number) => number % 2 == 1 ? Transport.Stdio : Transport.Http;

    private static Client ClientOf(Monorepo world) => new("deploy the latest commit to production", request => LookedUp(world, request), "deploy the backend first");

    /// <summary>The person looks whether it happened, and says so.</summary>
    private static object LookedUp(Monorepo world, JsonElement request) => request.GetProperty("action").GetProperty("tool").GetString() switch
    {
        "tag_push_prod" when world.Tags is [var tag] => new { outcome = "done", result = new { sha = world.Head, tag, pushed_to = "origin" } },
        "promote_vercel_deployment" when world.Served == "dpl_1" =>
            new { outcome = "done", result = new { deployment_id = "dpl_1", git_commit_sha = world.Head, url = "https://web.example/dpl_1" } },
        _ => new { outcome = "run_again" },
    };

    public sealed class Undisturbed : IAsyncLifetime
    {
        public string Log { get; private set; } = "";

        public string Outline { get; private set; } = "";

        public string Outside { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            using var folder = new TestFolder();
            var world = new Monorepo(folder.Path);
            await using var server = await RunningServer.Start(Transport.Stdio, folder.Database, settings: world.Settings);
            var done = await ClientOf(world).Drive(server);
            var log = Database.Open(folder.Database).Events(done.GetProperty("thread_id").GetString()!);
            (Log, Outline) = (Story.Of(log), Story.Outline(log));
            Outside = world.Outside;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
