using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Rest_and_mcp_share_threads(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "F11.1")]
    [Trait("Accepts", "P.4")]
    public async Task A_thread_started_over_stdio_is_answered_over_rest_as_by_a_person()
    {
        await using var stdio = await servers.Beside(Transport.Http, Ways.Newest, Transport.Stdio);
        using var rest = await RestClient.Of(servers);
        var start = await stdio.Do("guarded", new { message = "go" });
        var pending = await stdio.Do("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "divide", a = 3, b = 4 } });
        Assert.StartsWith("human_required: ", await stdio.Refusal("resume_thread", new { thread_id = pending.ThreadId, approved = true }), StringComparison.Ordinal);

        await rest.Post($"/function_calls/{pending.RequestId}/respond", """{"approved":true}""");

        var after = await stdio.Do("wait_thread", new { thread_id = pending.ThreadId });
        Assert.Equal("next_step", after.Kind);
        var log = await stdio.Do("get_thread", new { thread_id = pending.ThreadId, include_events = true });
        var answer = log.Json.GetProperty("events").EnumerateArray().Last(happened => happened.GetProperty("type").GetString() == "request_answered");
        Assert.Equal(("local", "rest", true), (answer.GetProperty("by").GetString(), answer.GetProperty("channel").GetString(), answer.GetProperty("approved").GetBoolean()));
    }

    [Fact]
    [Trait("Accepts", "F11.1")]
    public async Task A_thread_started_over_rest_is_answered_over_stdio()
    {
        await using var stdio = await servers.Beside(Transport.Http, Ways.Newest, Transport.Stdio);
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");

        await stdio.Do("resume_thread", new { thread_id = rest.Real("thr_A"), request_id = rest.Real("req_A_3"), approved = false, comment = "multiply instead" });

        Assert.Contains(""" "status":{"requested_at":"TIME","responded_at":"TIME","approved":false,"comment":"multiply instead","user_info":{"by":"local","channel":"stdio"},"reject_option_name":null}""".Trim(),
            await rest.Get("/function_calls/req_A_3"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F6.9")]
    public async Task The_result_of_a_long_job_can_be_delivered_over_rest()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"puppet","input":{"message":"go"}}""");
        await rest.Post("/threads/thr_A/answer", """{"response":{"intent":"multiply","a":3,"b":4}}""");
        Assert.Equal("""404 {"type":"about:blank","title":"Not Found","status":404,"detail":"req_A_5 (external_result) is not asked of people. Answer it with POST /api/v1/threads/thr_A/answer.","code":"request_not_found"}""",
            await rest.Get("/human_contacts/req_A_5"));

        var after = await rest.Post("/threads/thr_A/answer", """{"request_id":"req_A_5","response":12}""");

        Assert.Contains("\"kind\":\"next_step\"", after, StringComparison.Ordinal);
        Assert.Contains("\"event\":{\"type\":\"tool_returned\",\"call\":4,\"result\":12,", await rest.Get("/threads/thr_A/events?after=5"), StringComparison.Ordinal);
    }
}
