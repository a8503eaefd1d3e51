using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Threads_over_rest(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "F6.1")]
    [Trait("Accepts", "F6.2")]
    public async Task A_launch_answers_where_the_thread_stands_and_later_it_is_shown_again()
    {
        using var rest = await RestClient.Of(servers);
        Assert.Equal(
            """201 {"status":"pending","thread_id":"thr_A","agent":"calculator","model":"rules","version":3,"output":null,"error":null,"requests":[{"id":"req_A_3","kind":"approval","question":"Run divide with a 3, b 4?","context":null,"schema":null,"options":null,"action":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"},"answerable_by":"caller","path":["thr_A"],"inbox_url":null,"requested_at":"TIME","expires_at":null}],"next":"Ask the user. Then call resume_thread with thread_id \"thr_A\", request_id \"req_A_3\" and approved true or false (comment optional)."}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}"""));
        Assert.Equal(
            """200 {"status":"pending","thread_id":"thr_A","agent":"calculator","model":"rules","version":3,"output":null,"error":null,"requests":[{"id":"req_A_3","kind":"approval","question":"Run divide with a 3, b 4?","context":null,"schema":null,"options":null,"action":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"},"answerable_by":"caller","path":["thr_A"],"inbox_url":null,"requested_at":"TIME","expires_at":null}],"next":"Ask the user. Then call resume_thread with thread_id \"thr_A\", request_id \"req_A_3\" and approved true or false (comment optional)."}""",
            await rest.Get("/threads/thr_A"));
    }

    [Fact]
    [Trait("Accepts", "F7.6")]
    [Trait("Accepts", "F5.1")]
    public async Task An_answer_lets_it_go_on_and_a_word_to_a_completed_thread_too()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        Assert.Equal(
            """200 {"status":"completed","thread_id":"thr_A","agent":"calculator","model":"rules","version":8,"output":{"message":"The result is 0.75."},"error":null,"requests":[],"next":"Nothing is left to do. To go on with it, call resume_thread with thread_id \"thr_A\" and a response."}""",
            await rest.Post("/threads/thr_A/answer", """{"request_id":"req_A_3","approved":true,"comment":"fine"}"""));
        Assert.Equal(
            """200 {"status":"completed","thread_id":"thr_A","agent":"calculator","model":"rules","version":14,"output":{"message":"The result is 3."},"error":null,"requests":[],"next":"Nothing is left to do. To go on with it, call resume_thread with thread_id \"thr_A\" and a response."}""",
            await rest.Post("/threads/thr_A/answer", """{"response":"add 1 and 2"}"""));
        Assert.Equal(
            """200 {"status":"completed","thread_id":"thr_A","agent":"calculator","model":"rules","version":14,"output":{"message":"The result is 3."},"error":null,"requests":[],"next":"Nothing is left to do. To go on with it, call resume_thread with thread_id \"thr_A\" and a response.","events":[{"type":"thread_started","agent":"calculator","definition":"sha256:4cd613259268cfcbd42a3c268bc6c190a849a72c23a67fc374adcd4166cb53a3","input":{"message":"divide 3 by 4"},"principal":"local","channel":"rest","trigger":"message_received","depth":0,"at":"TIME"},{"type":"step_chosen","intent":"divide","arguments":{"a":3,"b":4},"model":"rules","at":"TIME"},{"type":"request_opened","kind":"approval","question":"Run divide with a 3, b 4?","action":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"},"answerable_by":"caller","at":"TIME"},{"type":"request_answered","request":3,"by":"local","channel":"rest","approved":true,"comment":"fine","at":"TIME"},{"type":"tool_started","call":2,"attempt":1,"at":"TIME"},{"type":"tool_returned","call":2,"result":0.75,"at":"TIME"},{"type":"step_chosen","intent":"done_for_now","arguments":{"message":"The result is 0.75."},"model":"rules","at":"TIME"},{"type":"thread_completed","output":{"message":"The result is 0.75."},"at":"TIME"},{"type":"message_received","message":"add 1 and 2","by":"local","channel":"rest","at":"TIME"},{"type":"step_chosen","intent":"add","arguments":{"a":1,"b":2},"model":"rules","at":"TIME"},{"type":"tool_started","call":10,"attempt":1,"at":"TIME"},{"type":"tool_returned","call":10,"result":3,"at":"TIME"},{"type":"step_chosen","intent":"done_for_now","arguments":{"message":"The result is 3."},"model":"rules","at":"TIME"},{"type":"thread_completed","output":{"message":"The result is 3."},"at":"TIME"}]}""",
            await rest.Get("/threads/thr_A?include_events=true"));
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"completed","version":14,"events":[{"version":3,"event":{"type":"request_opened","kind":"approval","question":"Run divide with a 3, b 4?","action":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"},"answerable_by":"caller","at":"TIME"}},{"version":4,"event":{"type":"request_answered","request":3,"by":"local","channel":"rest","approved":true,"comment":"fine","at":"TIME"}}],"next_after":4}""",
            await rest.Get("/threads/thr_A/events?after=2&limit=2"));
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"completed","version":14,"events":[{"version":13,"event":{"type":"step_chosen","intent":"done_for_now","arguments":{"message":"The result is 3."},"model":"rules","at":"TIME"}},{"version":14,"event":{"type":"thread_completed","output":{"message":"The result is 3."},"at":"TIME"}}],"next_after":null}""",
            await rest.Get("/threads/thr_A/events?after=12"));
    }

    [Fact]
    [Trait("Accepts", "F5.3")]
    [Trait("Accepts", "F6.6")]
    public async Task A_fork_is_a_thread_of_its_own_and_cancelling_it_moves_nothing_else()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        Assert.Equal(
            """201 {"status":"pending","thread_id":"thr_B","agent":"calculator","model":"rules","version":4,"output":null,"error":null,"requests":[{"id":"req_B_3","kind":"approval","question":"Run divide with a 3, b 4?","context":null,"schema":null,"options":null,"action":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"},"answerable_by":"caller","path":["thr_B"],"inbox_url":null,"requested_at":"TIME","expires_at":null}],"next":"Ask the user. Then call resume_thread with thread_id \"thr_B\", request_id \"req_B_3\" and approved true or false (comment optional)."}""",
            await rest.Post("/threads/thr_A/fork", """{"at_version":3}"""));
        Assert.Equal(
            """200 {"status":"cancelled","thread_id":"thr_B","agent":"calculator","model":"rules","version":5,"output":null,"error":null,"requests":[],"next":"Nothing is left to do."}""",
            await rest.Post("/threads/thr_B/cancel", """{"reason":"not needed"}"""));
        Assert.Equal(
            """200 {"status":"cancelled","thread_id":"thr_B","agent":"calculator","model":"rules","version":5,"output":null,"error":null,"requests":[],"next":"Nothing is left to do."}""",
            await rest.Post("/threads/thr_B/cancel"));
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"pending","version":3,"events":[],"next_after":null}""",
            await rest.Get("/threads/thr_A/events?after=3"));
        Assert.Equal(
            """200 {"thread_id":"thr_B","status":"cancelled","version":5,"events":[{"version":4,"event":{"type":"thread_forked","from":"thr_A","from_version":3,"by":"local","channel":"rest","at":"TIME"}},{"version":5,"event":{"type":"thread_cancelled","by":"local","channel":"rest","reason":"not needed","at":"TIME"}}],"next_after":null}""",
            await rest.Get("/threads/thr_B/events?after=3"));
    }

    [Fact]
    [Trait("Accepts", "W.7")]
    public async Task The_same_key_finds_the_same_thread()
    {
        using var rest = await RestClient.Of(servers);
        Assert.Equal(
            """201 {"status":"completed","thread_id":"thr_A","agent":"calculator","model":"rules","version":6,"output":{"message":"The result is 3."},"error":null,"requests":[],"next":"Nothing is left to do. To go on with it, call resume_thread with thread_id \"thr_A\" and a response."}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{"message":"add 1 and 2"},"idempotency_key":"rest-1"}"""));
        Assert.Equal(
            """201 {"status":"completed","thread_id":"thr_A","agent":"calculator","model":"rules","version":6,"output":{"message":"The result is 3."},"error":null,"requests":[],"next":"Nothing is left to do. To go on with it, call resume_thread with thread_id \"thr_A\" and a response."}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{"message":"add 1 and 2"},"idempotency_key":"rest-1"}"""));
        Assert.Equal(
            """409 {"type":"about:blank","title":"Conflict","status":409,"detail":"The idempotency_key 'rest-1' already stands for thr_A, which was started with another agent or input. Use a new key for a new call, or call get_thread with that thread_id.","code":"idempotency_conflict"}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{"message":"add 1 and 3"},"idempotency_key":"rest-1"}"""));
    }
}
