using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Approving_with_changes(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "P.5")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Is_an_answer_of_its_own_and_the_changed_arguments_are_what_runs(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var pending = await Step(server, new { intent = "divide", a = 3, b = 0 });
        Assert.Equal("""{"a":3,"b":0}""", pending.Request.GetProperty("action").GetProperty("arguments").GetRawText());
        Assert.Equal("object", pending.Request.GetProperty("action").GetProperty("changes_schema").GetProperty("type").GetString());
        Assert.Equal(pending.Request.GetProperty("requested_at").GetDateTimeOffset().AddDays(2), pending.Request.GetProperty("expires_at").GetDateTimeOffset());

        var after = await server.Do("resume_thread", new { thread_id = pending.ThreadId, request_id = pending.RequestId, approved_with_changes = new { a = 3, b = 4 } });

        Assert.Equal("next_step", after.Kind);
        Assert.Contains("divide_result", after.Request.GetProperty("context").GetString(), StringComparison.Ordinal);
        Assert.Contains("0.75", after.Request.GetProperty("context").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "P.5")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Is_refused_where_the_tool_does_not_allow_it_or_the_changes_do_not_fit(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var fixedOne = await Step(server, new { intent = "multiply", a = 3, b = 4 });
        Assert.False(fixedOne.Request.GetProperty("action").TryGetProperty("changes_schema", out _));
        Assert.StartsWith("wrong_answer: The arguments of this action cannot be changed.",
            await server.Refusal("resume_thread", new { thread_id = fixedOne.ThreadId, approved_with_changes = new { a = 1, b = 1 } }), StringComparison.Ordinal);

        var changeable = await Step(server, new { intent = "divide", a = 3, b = 4 });
        Assert.StartsWith("invalid_response: The changed arguments do not fit:",
            await server.Refusal("resume_thread", new { thread_id = changeable.ThreadId, approved_with_changes = new { a = "three" } }), StringComparison.Ordinal);
        Assert.StartsWith("wrong_answer:",
            await server.Refusal("resume_thread", new { thread_id = changeable.ThreadId, approved = false, approved_with_changes = new { a = 3, b = 4 } }), StringComparison.Ordinal);
        Assert.Equal(("pending", changeable.Version), ((await server.Do("get_thread", new { thread_id = changeable.ThreadId })).Status, changeable.Version));
    }

    private static async Task<Reply> Step(RunningServer server, object step)
    {
        var start = await server.Do("careful", new { message = "go" });
        var pending = await server.Do("resume_thread", new { thread_id = start.ThreadId, response = step });
        Assert.Equal("approval", pending.Kind);
        return pending;
    }
}
