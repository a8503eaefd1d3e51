using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Cancel_and_fork(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "F6.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_cancelled_thread_takes_no_more_answers(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });

        var cancelled = await server.Do("cancel_thread", new { thread_id = pending.ThreadId });

        Assert.Equal(("cancelled", 4, "Nothing is left to do."), (cancelled.Status, cancelled.Version, cancelled.Next));
        Assert.Equal("thread_ended: The thread is cancelled and takes nothing more. Start a new one, or fork this one at an earlier version with fork_thread.",
            await server.Refusal("resume_thread", new { thread_id = pending.ThreadId, approved = true }));
        Assert.Equal(4, (await server.Do("get_thread", new { thread_id = pending.ThreadId })).Version);
    }

    [Theory]
    [Trait("Accepts", "F6.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_running_thread_is_cut_off_and_whoever_waits_for_it_is_told(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var held = servers.Model.Hold();
        var started = await server.Do("slow", new { message = held.Word, wait_seconds = 0 });
        var waiting = server.Do("wait_thread", new { thread_id = started.ThreadId });
        await held.Asked;

        await server.Do("cancel_thread", new { thread_id = started.ThreadId, reason = "enough" });

        var told = await waiting;
        var log = await server.Do("get_thread", new { thread_id = started.ThreadId, include_events = true });
        Assert.Equal("cancelled", log.Status);
        Assert.Equal(["thread_started", "thread_cancelled"], log.EventTypes);
        Assert.Equal(("cancelled", "slow was cancelled: enough"), (told.Status, told.Sentence));
    }

    [Theory]
    [Trait("Accepts", "F6.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Cancelling_an_ended_thread_changes_nothing_and_says_so(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var done = await server.Do("calculator", new { message = "multiply 3 and 4" });

        var after = await server.Do("cancel_thread", new { thread_id = done.ThreadId });

        Assert.Equal(("completed", done.Version), (after.Status, after.Version));
        Assert.Equal("Nothing was cancelled: the thread had already ended. calculator (built-in rules, no model) is done. The result is 12.", after.Sentence);
    }

    [Theory]
    [Trait("Accepts", "F5.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_fork_and_its_original_are_answered_apart(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var original = await server.Do("calculator", new { message = "divide 3 by 4" });

        var fork = await server.Do("fork_thread", new { thread_id = original.ThreadId, at_version = original.Version });
        var rejected = await server.Do("resume_thread", new { thread_id = fork.ThreadId, approved = false, comment = "use 5" });
        var approved = await server.Do("resume_thread", new { thread_id = original.ThreadId, request_id = original.RequestId, approved = true });

        Assert.NotEqual(original.ThreadId, fork.ThreadId);
        Assert.Equal("""{"a":3,"b":5}""", rejected.Request.GetProperty("action").GetProperty("arguments").GetRawText());
        Assert.Equal("The result is 0.75.", approved.Message);
        Assert.Equal($"invalid_version: {original.ThreadId} has the versions 1 to {approved.Version}; 99 is none of them.",
            await server.Refusal("fork_thread", new { thread_id = original.ThreadId, at_version = 99 }));
    }

    [Theory]
    [Trait("Accepts", "P.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_fork_asks_for_approval_again_where_the_original_had_it(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var done = await server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true });

        var log = await server.Do("get_thread", new { thread_id = done.ThreadId, include_events = true });
        Assert.Equal(
            ["thread_started", "step_chosen", "request_opened", "request_answered", "tool_started", "tool_returned", "step_chosen", "thread_completed"],
            log.EventTypes);
        foreach (var version in new[] { 1, 2, 4 })
        {
            var fork = await server.Do("fork_thread", new { thread_id = done.ThreadId, at_version = version });
            Assert.Equal(("pending", "approval"), (fork.Status, fork.Kind));
        }
    }
}
