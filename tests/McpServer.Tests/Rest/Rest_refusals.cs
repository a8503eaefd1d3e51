using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Rest_refusals(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "R.3")]
    [Trait("Accepts", "R.13")]
    public async Task What_is_not_there_is_404_and_says_what_is()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"'thr_0' is not a thread id. One looks like thr_0198c0a1... and is in the answer to the call that started it; GET /api/v1/threads shows them all.","code":"thread_not_found"}""",
            await rest.Get("/threads/thr_0"));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at /api/v1/threads/thr_A/event. /openapi/v1.json lists everything there is.","code":"not_found"}""",
            await rest.Get("/threads/thr_A/event"));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no request 'req_A_2'. GET /api/v1/requests lists those that are open.","code":"request_not_found"}""",
            await rest.Get("/function_calls/req_A_2"));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no request 'req_A_0'. GET /api/v1/requests lists those that are open.","code":"request_not_found"}""",
            await rest.Get("/function_calls/req_A_0"));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no request 'req_A_99999999999'. GET /api/v1/requests lists those that are open.","code":"request_not_found"}""",
            await rest.Get("/function_calls/req_A_99999999999"));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no request 'nope'. GET /api/v1/requests lists those that are open.","code":"request_not_found"}""",
            await rest.Get("/human_contacts/nope"));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no agent 'nobody'. The agents are brief, calculator, careful, deploybot, guarded, listed, pipeline, puppet, rollback, slow.","code":"agent_not_found"}""",
            await rest.Post("/threads", """{"agent":"nobody","input":{}}"""));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no thread thr_B. Call list_threads to see which there are.","code":"thread_not_found"}""",
            await rest.Post("/threads/thr_00000000000000000000000000000000/cancel", """{}"""));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no request 'req_A_9'. GET /api/v1/requests lists those that are open.","code":"request_not_found"}""",
            await rest.Post("/function_calls/req_A_9/respond", """{"approved":true}"""));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"'req_B_3' is not a request of thr_A. The ids of its open requests are in the thread, under requests.","code":"request_not_found"}""",
            await rest.Post("/threads/thr_A/answer", """{"request_id":"req_B_3","approved":true}"""));
    }

    [Fact]
    public async Task A_body_that_cannot_be_used_is_400_and_says_why()
    {
        using var rest = await RestClient.Of(servers);
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is missing, or a parameter is not of its type. /openapi/v1.json says what is expected.","code":"invalid_input"}""",
            await rest.Post("/threads", ""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is missing, or a parameter is not of its type. /openapi/v1.json says what is expected.","code":"invalid_input"}""",
            await rest.Post("/threads", """null"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a value that is not of its type.","code":"invalid_input"}""",
            await rest.Post("/threads", """[]"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not JSON: 'this is no JSON' is an invalid JSON literal. Expected the literal 'true'.","code":"invalid_input"}""",
            await rest.Post("/threads", """this is no JSON"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not JSON: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"calculator","input":"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body lacks 'input'.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"calculator"}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a value that is not of its type at $.agent.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":null,"input":{}}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a value that is not of its type at $.wait_seconds.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{"message":"a"},"wait_seconds":"x"}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a member that is not taken here: 'wait'. /openapi/v1.json lists those that are.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{"message":"a"},"wait":1}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a value that is not of its type at $.agent.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"\ud800","input":{}}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not JSON: The maximum configured depth of 64 has been exceeded. Cannot read next JSON array.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"calculator","input":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"""));
    }

    [Fact]
    [Trait("Accepts", "F6.5")]
    public async Task What_does_not_fit_is_422_and_says_what_would()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The input does not fit calculator: 'message' is required. It must match this JSON Schema: {\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\",\"minLength\":1}},\"required\":[\"message\"],\"additionalProperties\":false}","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{}}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The body holds text that is no text: Cannot read incomplete UTF-16 JSON text as string with missing low surrogate.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{"message":"\ud800"}}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"An idempotency_key has 1 to 200 characters.","code":"invalid_input"}""",
            await rest.Post("/threads", """{"agent":"calculator","input":{"message":"a"},"idempotency_key":""}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"thr_A has the versions 1 to 3; 99 is none of them.","code":"invalid_version"}""",
            await rest.Post("/threads/thr_A/fork", """{"at_version":99}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"That is not an answer to this request. What is awaited is req_A_3 (approval): \"Run divide with a 3, b 4?\" Answer it with approved true or false, and an optional comment.","code":"wrong_answer"}""",
            await rest.Post("/threads/thr_A/answer", """{"response":"yes"}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"status must be one of running, pending, completed, failed, cancelled, not 'x'.","code":"invalid_input"}""",
            await rest.Get("/threads?status=x"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"kind must be one of question, approval, external_result, child, budget, next_step, in_doubt, sleep, not 'x'.","code":"invalid_input"}""",
            await rest.Get("/threads?kind=x"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"limit must be a number from 1 to 200, not '0'.","code":"invalid_input"}""",
            await rest.Get("/threads?limit=0"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"cursor must be the next_cursor of the page before, not 'x'.","code":"invalid_input"}""",
            await rest.Get("/threads?cursor=x"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"started_after must be a time such as TIME, not 'x'.","code":"invalid_input"}""",
            await rest.Get("/threads?started_after=x"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"kind must be approval, question, budget or in_doubt; what else threads wait for is under /threads, not 'sleep'.","code":"invalid_input"}""",
            await rest.Get("/requests?kind=sleep"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"cursor must be the next_cursor of the page before, not '1-2'.","code":"invalid_input"}""",
            await rest.Get("/requests?cursor=1-2"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"asked_before must be a time such as TIME, not 'x'.","code":"invalid_input"}""",
            await rest.Get("/requests?asked_before=x"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"include_events must be true or false, not '1'.","code":"invalid_input"}""",
            await rest.Get("/threads/thr_A?include_events=1"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"wait_seconds must be a number from 0 to 86400, not '-1'.","code":"invalid_input"}""",
            await rest.Get("/threads/thr_A?wait_seconds=-1"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"after must be a number from 0 to 2147483647, not '-1'.","code":"invalid_input"}""",
            await rest.Get("/threads/thr_A/events?after=-1"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"limit must be a number from 1 to 1000, not '1001'.","code":"invalid_input"}""",
            await rest.Get("/threads/thr_A/events?limit=1001"));
    }

    [Fact]
    [Trait("Accepts", "F6.5")]
    [Trait("Accepts", "F6.6")]
    public async Task What_comes_too_late_is_409()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        await rest.Post("/threads/thr_A/answer", """{"approved":true}""");
        Assert.Equal(
            """409 {"type":"about:blank","title":"Conflict","status":409,"detail":"The thread is completed and nothing awaits approval. To go on with it, call resume_thread with a response; it becomes the next message.","code":"nothing_pending"}""",
            await rest.Post("/threads/thr_A/answer", """{"approved":false}"""));
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        await rest.Post("/threads/thr_B/cancel");
        Assert.Equal(
            """409 {"type":"about:blank","title":"Conflict","status":409,"detail":"The thread is cancelled and takes nothing more. Start a new one, or fork this one at an earlier version with fork_thread.","code":"thread_ended"}""",
            await rest.Post("/function_calls/req_B_3/respond", """{"approved":true}"""));
    }
}
