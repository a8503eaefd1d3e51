using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

public sealed class The_version_tells_what_moved(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "W.4")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task It_stays_while_nothing_does(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });

        var first = await Look(server, pending);
        var second = await Look(server, pending);
        var waited = await server.Do("wait_thread", new { thread_id = pending.ThreadId, wait_seconds = 0 });
        // Nothing of this is stored.
        Assert.StartsWith("wrong_answer: ", await server.Refusal("resume_thread", new { thread_id = pending.ThreadId, response = "yes" }), StringComparison.Ordinal);
        var asked = await Look(server, pending);
        var answered = await server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved = true });
        var again = await server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved = true });

        Assert.Equal([3, 3, 3, 3, 3, 8, 8], new[] { pending, first, second, waited, asked, answered, again }.Select(reply => reply.Version));
    }

    [Theory]
    [Trait("Accepts", "W.4")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task It_grows_with_every_answer_refused_answer_and_cancellation(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var start = await server.Do("guarded", new { message = "go" });
        var asked = await Look(server, start);
        await server.Do("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "divide", a = 3, b = 4 } });
        var answered = await Look(server, start);
        Assert.StartsWith("human_required: ", await server.Refusal("resume_thread", new { thread_id = start.ThreadId, approved = true }), StringComparison.Ordinal);
        var refused = await Look(server, start);
        await server.Do("cancel_thread", new { thread_id = start.ThreadId });
        var cancelled = await Look(server, start);

        Assert.Equal([("pending", 2), ("pending", 5), ("pending", 6), ("cancelled", 7)],
            new[] { asked, answered, refused, cancelled }.Select(reply => (reply.Status, reply.Version)));
    }

    [Theory]
    [Trait("Accepts", "W.4")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task It_grows_with_what_a_thread_does_by_itself(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var held = servers.Model.Hold();
        var start = await server.Do("slow", new { message = held.Word, wait_seconds = 0 });
        await held.Asked;
        var running = await Look(server, start);
        held.Release(new { intent = "divide", a = 3, b = 4 });
        await server.Do("wait_thread", new { thread_id = start.ThreadId });
        var pending = await Look(server, start);

        Assert.Equal([("running", 1), ("pending", 3)], new[] { running, pending }.Select(reply => (reply.Status, reply.Version)));
    }

    private static async Task<Reply> Look(RunningServer server, Reply thread)
    {
        var look = await server.Do("get_thread", new { thread_id = thread.ThreadId, include_events = true });
        Assert.Equal(look.EventTypes.Count(), look.Version);
        return look;
    }
}
