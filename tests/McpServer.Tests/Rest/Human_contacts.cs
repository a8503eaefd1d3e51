using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Human_contacts(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "A2H.1")]
    [Trait("Accepts", "A2H.4")]
    [Trait("Accepts", "F7.2")]
    public async Task A_question_takes_one_of_its_options()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"puppet","input":{"message":"go"}}""");
        await rest.Post("/threads/thr_A/answer", """{"response":{"intent":"request_human_input","question":"Which?","context":"Two are there.","options":{"format":"multiple_choice","choices":["a","b"]}}}""");
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_5","spec":{"msg":"Which?","response_options":[{"name":"a","interactive":false},{"name":"b","interactive":false}],"state":{"thread_id":"thr_A","agent":"puppet","kind":"question","question":"Which?","answerable_by":"caller","context":"Two are there.","schema":{"type":"string","enum":["a","b"]}}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null}}""",
            await rest.Get("/human_contacts/req_A_5"));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_5","spec":{"msg":"Which?","response_options":[{"name":"a","interactive":false},{"name":"b","interactive":false}],"state":{"thread_id":"thr_A","agent":"puppet","kind":"question","question":"Which?","answerable_by":"caller","context":"Two are there.","schema":{"type":"string","enum":["a","b"]}}},"status":{"requested_at":"TIME","responded_at":"TIME","response":"a","response_option_name":"a","user_info":{"by":"local","channel":"rest"}}}""",
            await rest.Post("/human_contacts/req_A_5/respond", """{"response_option_name":"a"}"""));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_5","spec":{"msg":"Which?","response_options":[{"name":"a","interactive":false},{"name":"b","interactive":false}],"state":{"thread_id":"thr_A","agent":"puppet","kind":"question","question":"Which?","answerable_by":"caller","context":"Two are there.","schema":{"type":"string","enum":["a","b"]}}},"status":{"requested_at":"TIME","responded_at":"TIME","response":"a","response_option_name":"a","user_info":{"by":"local","channel":"rest"}}}""",
            await rest.Post("/human_contacts/req_A_5/respond", """{"response":"a"}"""));
        Assert.Equal(
            """409 {"type":"about:blank","title":"Conflict","status":409,"detail":"req_A_5 was already answered (response: \"a\") by local through rest at TIME; the first answer stands. Call get_thread to see what followed.","code":"already_answered"}""",
            await rest.Post("/human_contacts/req_A_5/respond", """{"response":"b"}"""));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"req_A_5 (question) is at /api/v1/human_contacts/req_A_5.","code":"request_not_found"}""",
            await rest.Get("/function_calls/req_A_5"));
    }

    [Fact]
    [Trait("Accepts", "A2H.8")]
    [Trait("Accepts", "A2H.4")]
    public async Task An_answer_that_misses_is_refused_with_the_reason()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"puppet","input":{"message":"go"}}""");
        await rest.Post("/threads/thr_A/answer", """{"response":{"intent":"request_human_input","question":"Which?","context":"Two are there.","options":{"format":"multiple_choice","choices":["a","b"]}}}""");
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The response does not fit: 'value' must be one of \"a\", \"b\". It must match this JSON Schema: {\"type\":\"string\",\"enum\":[\"a\",\"b\"]}. The request stays open. What is awaited is req_A_5 (question): \"Which?\" Answer it with a response.","code":"invalid_response","human_contact":{"run_id":"thr_A","call_id":"req_A_5","spec":{"msg":"Which?","response_options":[{"name":"a","interactive":false},{"name":"b","interactive":false}],"state":{"thread_id":"thr_A","agent":"puppet","kind":"question","question":"Which?","answerable_by":"caller","context":"Two are there.","schema":{"type":"string","enum":["a","b"]}}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null,"failed_validation_details":{"code":"invalid_response","message":"The response does not fit: 'value' must be one of \"a\", \"b\". It must match this JSON Schema: {\"type\":\"string\",\"enum\":[\"a\",\"b\"]}. The request stays open. What is awaited is req_A_5 (question): \"Which?\" Answer it with a response."}}}}""",
            await rest.Post("/human_contacts/req_A_5/respond", """{"response":"c"}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"'c' is no option that can be given so. The options are a, b. The request stays open.","code":"invalid_response","human_contact":{"run_id":"thr_A","call_id":"req_A_5","spec":{"msg":"Which?","response_options":[{"name":"a","interactive":false},{"name":"b","interactive":false}],"state":{"thread_id":"thr_A","agent":"puppet","kind":"question","question":"Which?","answerable_by":"caller","context":"Two are there.","schema":{"type":"string","enum":["a","b"]}}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null,"failed_validation_details":{"code":"invalid_response","message":"'c' is no option that can be given so. The options are a, b. The request stays open."}}}}""",
            await rest.Post("/human_contacts/req_A_5/respond", """{"response_option_name":"c"}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"Give a response or the name of an option, not both. The request stays open.","code":"invalid_response","human_contact":{"run_id":"thr_A","call_id":"req_A_5","spec":{"msg":"Which?","response_options":[{"name":"a","interactive":false},{"name":"b","interactive":false}],"state":{"thread_id":"thr_A","agent":"puppet","kind":"question","question":"Which?","answerable_by":"caller","context":"Two are there.","schema":{"type":"string","enum":["a","b"]}}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null,"failed_validation_details":{"code":"invalid_response","message":"Give a response or the name of an option, not both. The request stays open."}}}}""",
            await rest.Post("/human_contacts/req_A_5/respond", """{"response_option_name":"a","response":"b"}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"That is not an answer to this request. What is awaited is req_A_5 (question): \"Which?\" Answer it with a response.","code":"wrong_answer","human_contact":{"run_id":"thr_A","call_id":"req_A_5","spec":{"msg":"Which?","response_options":[{"name":"a","interactive":false},{"name":"b","interactive":false}],"state":{"thread_id":"thr_A","agent":"puppet","kind":"question","question":"Which?","answerable_by":"caller","context":"Two are there.","schema":{"type":"string","enum":["a","b"]}}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null,"failed_validation_details":{"code":"wrong_answer","message":"That is not an answer to this request. What is awaited is req_A_5 (question): \"Which?\" Answer it with a response."}}}}""",
            await rest.Post("/human_contacts/req_A_5/respond", """{}"""));
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"pending","version":5,"events":[],"next_after":null}""",
            await rest.Get("/threads/thr_A/events?after=5"));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task A_limit_is_extended_by_an_option_or_with_guidance()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"brief","input":{"message":"go"}}""");
        await rest.Post("/threads/thr_A/answer", """{"response":{"intent":"add","a":3,"b":0}}""");
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_7","spec":{"msg":"brief has taken 1 steps and is not done. May it take 1 more?","response_options":[{"name":"go_on","title":"Go on","description":"It may take as much again. A response is guidance for it.","interactive":true},{"name":"stop","title":"Stop","description":"The thread ends.","interactive":false}],"state":{"thread_id":"thr_A","agent":"brief","kind":"budget","question":"brief has taken 1 steps and is not done. May it take 1 more?","answerable_by":"caller","context":"Its last steps:\n- add {\"a\":3,\"b\":0}: 3"}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null}}""",
            await rest.Get("/human_contacts/req_A_7"));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"'stop' is no option that can be given so. The options are go_on, stop. The request stays open.","code":"invalid_response","human_contact":{"run_id":"thr_A","call_id":"req_A_7","spec":{"msg":"brief has taken 1 steps and is not done. May it take 1 more?","response_options":[{"name":"go_on","title":"Go on","description":"It may take as much again. A response is guidance for it.","interactive":true},{"name":"stop","title":"Stop","description":"The thread ends.","interactive":false}],"state":{"thread_id":"thr_A","agent":"brief","kind":"budget","question":"brief has taken 1 steps and is not done. May it take 1 more?","answerable_by":"caller","context":"Its last steps:\n- add {\"a\":3,\"b\":0}: 3"}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null,"failed_validation_details":{"code":"invalid_response","message":"'stop' is no option that can be given so. The options are go_on, stop. The request stays open."}}}}""",
            await rest.Post("/human_contacts/req_A_7/respond", """{"response_option_name":"stop","response":"x"}"""));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_7","spec":{"msg":"brief has taken 1 steps and is not done. May it take 1 more?","response_options":[{"name":"go_on","title":"Go on","description":"It may take as much again. A response is guidance for it.","interactive":true},{"name":"stop","title":"Stop","description":"The thread ends.","interactive":false}],"state":{"thread_id":"thr_A","agent":"brief","kind":"budget","question":"brief has taken 1 steps and is not done. May it take 1 more?","answerable_by":"caller","context":"Its last steps:\n- add {\"a\":3,\"b\":0}: 3"}},"status":{"requested_at":"TIME","responded_at":"TIME","response":"be quick","response_option_name":"go_on","user_info":{"by":"local","channel":"rest"}}}""",
            await rest.Post("/human_contacts/req_A_7/respond", """{"response_option_name":"go_on","response":"be quick"}"""));
        await rest.Get("/threads/thr_A?wait_seconds=40");
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"pending","version":9,"events":[{"version":8,"event":{"type":"request_answered","request":7,"by":"local","channel":"rest","approved":true,"response":"be quick","at":"TIME"}}],"next_after":8}""",
            await rest.Get("/threads/thr_A/events?after=7&limit=1"));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    [Trait("Accepts", "R.9")]
    public async Task A_limit_that_is_not_extended_ends_the_thread()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"brief","input":{"message":"go"}}""");
        await rest.Post("/threads/thr_A/answer", """{"response":{"intent":"add","a":3,"b":0}}""");
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_7","spec":{"msg":"brief has taken 1 steps and is not done. May it take 1 more?","response_options":[{"name":"go_on","title":"Go on","description":"It may take as much again. A response is guidance for it.","interactive":true},{"name":"stop","title":"Stop","description":"The thread ends.","interactive":false}],"state":{"thread_id":"thr_A","agent":"brief","kind":"budget","question":"brief has taken 1 steps and is not done. May it take 1 more?","answerable_by":"caller","context":"Its last steps:\n- add {\"a\":3,\"b\":0}: 3"}},"status":{"requested_at":"TIME","responded_at":"TIME","response":null,"response_option_name":"stop","user_info":{"by":"local","channel":"rest"}}}""",
            await rest.Post("/human_contacts/req_A_7/respond", """{"response_option_name":"stop"}"""));
        Assert.Equal(
            """200 {"status":"failed","thread_id":"thr_A","agent":"brief","model":"caller","version":9,"output":null,"error":"Stopped at a limit: brief has taken 1 steps and is not done. May it take 1 more? local declined to extend it.","requests":[],"next":"Nothing is left to do. To try again from an earlier point, call fork_thread with thread_id \"thr_A\" and at_version."}""",
            await rest.Get("/threads/thr_A?wait_seconds=40"));
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"failed","version":9,"events":[{"version":8,"event":{"type":"request_answered","request":7,"by":"local","channel":"rest","approved":false,"at":"TIME"}},{"version":9,"event":{"type":"thread_failed","error":"Stopped at a limit: brief has taken 1 steps and is not done. May it take 1 more? local declined to extend it.","at":"TIME"}}],"next_after":null}""",
            await rest.Get("/threads/thr_A/events?after=7"));
    }
}
