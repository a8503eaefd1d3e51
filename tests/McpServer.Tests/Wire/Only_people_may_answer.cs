using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Only_people_may_answer(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "P.3")]
    [Trait("Accepts", "W.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task An_answer_by_the_caller_is_refused_and_recorded_and_the_request_stays_open(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await Pending(server);

        var refused = await server.Refusal("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved = true });

        Assert.Equal($"human_required: Only a person may answer {pending.RequestId}, and this attempt was recorded. On this machine: agentmcp answer {pending.ThreadId} --approve, "
            + "or --reject \"reason\". Tell the person; then call wait_thread."
            + (server.Url is { } site ? $" A person can also answer at {site.GetLeftPart(UriPartial.Authority)}/requests/{pending.RequestId}." : ""), refused);
        var after = await server.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
        Assert.Equal("answer_refused", after.EventTypes.Last());
        Assert.Equal((pending.Version + 1, pending.RequestId, "human"), (after.Version, after.RequestId, after.Request.GetProperty("answerable_by").GetString()));
        var page = server.Url is { } url ? $"open {url.GetLeftPart(UriPartial.Authority)}/requests/{pending.RequestId} or to " : "";
        Assert.Equal($"Only a person may answer this. Tell the user to {page}run: agentmcp answer {pending.ThreadId} (there they can approve, reject or respond). "
            + $"Then call wait_thread with thread_id \"{pending.ThreadId}\".", after.Next);
    }

    [Theory]
    [Trait("Accepts", "P.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task A_fork_of_such_a_thread_is_no_way_around_it(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await Pending(server);

        var fork = await server.Do("fork_thread", new { thread_id = pending.ThreadId, at_version = pending.Version });

        Assert.Equal("human", fork.Request.GetProperty("answerable_by").GetString());
        Assert.StartsWith("human_required: ", await server.Refusal("resume_thread", new { thread_id = fork.ThreadId, approved = true }), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "P.3")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_server_that_wants_people_also_wants_them_for_what_was_asked_before(Transport transport)
    {
        var lenient = await servers.Of(transport, Ways.Newest);
        await using var strict = await servers.Beside(transport, Ways.Newest, transport, new Dictionary<string, string> { ["approvals"] = "human" });
        var asked = await lenient.Do("calculator", new { message = "divide 3 by 4" });
        Assert.Equal("caller", asked.Request.GetProperty("answerable_by").GetString());

        Assert.StartsWith("human_required: ", await strict.Refusal("resume_thread", new { thread_id = asked.ThreadId, approved = true }), StringComparison.Ordinal);
        var question = await strict.Do("calculator", new { message = "hello" });
        Assert.StartsWith("human_required: ", await strict.Refusal("resume_thread", new { thread_id = question.ThreadId, response = "add 1 and 2" }), StringComparison.Ordinal);
        Assert.StartsWith("Only a person may answer this.", question.Next, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "P.1")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Otherwise_the_caller_may_answer_and_is_recorded_from_its_connection(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });

        await server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true, comment = "by the boss" });

        var log = await server.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
        var answer = log.Json.GetProperty("events").EnumerateArray().Single(happened => happened.GetProperty("type").GetString() == "request_answered");
        Assert.Equal(("local", transport == Transport.Stdio ? "stdio" : "http"), (answer.GetProperty("by").GetString(), answer.GetProperty("channel").GetString()));
    }

    // The next step is the calling model's to choose; the approval behind it is not.
    private static async Task<Reply> Pending(RunningServer server)
    {
        var start = await server.Do("guarded", new { message = "go" });
        var pending = await server.Do("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "divide", a = 3, b = 4 } });
        Assert.Equal("approval", pending.Kind);
        return pending;
    }
}
