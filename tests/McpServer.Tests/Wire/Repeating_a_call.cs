using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Repeating_a_call(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "W.7")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task The_same_key_gives_the_same_thread_even_when_both_calls_arrive_together(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var key = Guid.NewGuid().ToString();

        var both = await Task.WhenAll(
            server.Do("calculator", new { message = "divide 3 by 4", idempotency_key = key }),
            server.Do("invoke_agent", new { agent = "calculator", input = new { message = "divide 3 by 4" }, idempotency_key = key }));
        var later = await server.Do("calculator", new { message = "divide 3 by 4", idempotency_key = key });

        Assert.Equal(both[0].ThreadId, both[1].ThreadId);
        Assert.Equal(both[0].ThreadId, later.ThreadId);
        Assert.Equal(3, later.Version);
    }

    [Theory]
    [Trait("Accepts", "W.7")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task The_same_key_with_another_input_or_agent_is_refused_and_names_the_thread(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var key = Guid.NewGuid().ToString();
        var first = await server.Do("calculator", new { message = "multiply 3 and 4", idempotency_key = key });
        var expected = $"idempotency_conflict: The idempotency_key '{key}' already stands for {first.ThreadId}, which was started with another agent or input. "
            + "Use a new key for a new call, or call get_thread with that thread_id.";

        Assert.Equal(expected, await server.Refusal("calculator", new { message = "multiply 3 and 5", idempotency_key = key }));
        Assert.Equal(expected, await server.Refusal("deploybot", new { message = "multiply 3 and 4", idempotency_key = key }));
    }

    [Theory]
    [Trait("Accepts", "F6.8")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task The_same_answer_again_changes_nothing_and_another_one_is_already_answered(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var answer = new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved = true };
        var done = await server.Do("resume_thread", answer);

        var again = await server.Do("resume_thread", answer);
        var refused = await server.Refusal("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved = false });

        Assert.Equal((done.Version, "completed"), (again.Version, again.Status));
        var how = transport == Transport.Stdio ? "stdio" : "http";
        Assert.StartsWith($"already_answered: {pending.RequestId} was already answered (approved: true) by local through {how} at 2", refused, StringComparison.Ordinal);
        Assert.EndsWith("Z; the first answer stands. Call get_thread to see what followed.", refused, StringComparison.Ordinal);
    }
}
