using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Requests_of_other_software(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "A2H.1")]
    [Trait("Accepts", "P.4")]
    public async Task A_function_call_is_allowed_and_whoever_asked_may_call()
    {
        using var rest = await RestClient.Of(servers);
        Assert.Equal(
            """201 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"state":{"thread_id":"thr_A","agent":"function_call","kind":"approval","question":"May send_mail be called?","answerable_by":"human","digest":"sha256:3ea2970addaf4c26a535d6b35c319b953024566abbd109e5ef630724a0b61b6b"}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null}}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"}}}"""));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"state":{"thread_id":"thr_A","agent":"function_call","kind":"approval","question":"May send_mail be called?","answerable_by":"human","digest":"sha256:3ea2970addaf4c26a535d6b35c319b953024566abbd109e5ef630724a0b61b6b"}},"status":{"requested_at":"TIME","responded_at":"TIME","approved":true,"comment":null,"user_info":{"by":"local","channel":"rest"},"reject_option_name":null}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":true}"""));
        Assert.Equal(
            """200 {"status":"completed","thread_id":"thr_A","agent":"function_call","model":"rules","version":8,"output":{"approved":true,"comment":null,"reject_option_name":null},"error":null,"requests":[],"next":"Nothing is left to do. To go on with it, call resume_thread with thread_id \"thr_A\" and a response."}""",
            await rest.Get("/threads/thr_A?wait_seconds=40"));
    }

    [Fact]
    [Trait("Accepts", "A2H.4")]
    [Trait("Accepts", "R.9")]
    public async Task A_prepared_reason_is_a_rejection()
    {
        using var rest = await RestClient.Of(servers);
        Assert.Equal(
            """201 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never","interactive":false}],"state":{"thread_id":"thr_A","agent":"function_call","kind":"approval","question":"May send_mail be called?","answerable_by":"human","digest":"sha256:3ea2970addaf4c26a535d6b35c319b953024566abbd109e5ef630724a0b61b6b","given":{"ticket":7}}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null}}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never"}],"state":{"ticket":7}},"idempotency_key":"mail-7"}"""));
        Assert.Equal(
            """201 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never","interactive":false}],"state":{"thread_id":"thr_A","agent":"function_call","kind":"approval","question":"May send_mail be called?","answerable_by":"human","digest":"sha256:3ea2970addaf4c26a535d6b35c319b953024566abbd109e5ef630724a0b61b6b","given":{"ticket":7}}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null}}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never"}],"state":{"ticket":7}},"idempotency_key":"mail-7"}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"\"perhaps\" is none of the prepared reasons: later, never. Leave response out to reject in your own words. The request stays open. What is awaited is req_A_3 (approval): \"May send_mail be called?\" Answer it with approved true or false, and an optional comment.","code":"invalid_response","function_call":{"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never","interactive":false}],"state":{"thread_id":"thr_A","agent":"function_call","kind":"approval","question":"May send_mail be called?","answerable_by":"human","digest":"sha256:3ea2970addaf4c26a535d6b35c319b953024566abbd109e5ef630724a0b61b6b","given":{"ticket":7}}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null,"failed_validation_details":{"code":"invalid_response","message":"\"perhaps\" is none of the prepared reasons: later, never. Leave response out to reject in your own words. The request stays open. What is awaited is req_A_3 (approval): \"May send_mail be called?\" Answer it with approved true or false, and an optional comment."}}}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":false,"reject_option_name":"perhaps"}"""));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never","interactive":false}],"state":{"thread_id":"thr_A","agent":"function_call","kind":"approval","question":"May send_mail be called?","answerable_by":"human","digest":"sha256:3ea2970addaf4c26a535d6b35c319b953024566abbd109e5ef630724a0b61b6b","given":{"ticket":7}}},"status":{"requested_at":"TIME","responded_at":"TIME","approved":false,"comment":"she is away","user_info":{"by":"local","channel":"rest"},"reject_option_name":"later"}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"reject_option_name":"later","comment":"she is away"}"""));
        await rest.Get("/threads/thr_A?wait_seconds=40");
        Assert.Equal(
            """200 {"status":"completed","thread_id":"thr_A","agent":"function_call","model":"rules","version":6,"output":{"approved":false,"comment":"she is away","reject_option_name":"later"},"error":null,"requests":[],"next":"Nothing is left to do. To go on with it, call resume_thread with thread_id \"thr_A\" and a response.","events":[{"type":"thread_started","agent":"function_call","definition":"sha256:da31c1bb64e0ec50d265aded3c100f4338fd6905ec5ab603d3e6e57f37b67c40","input":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never","interactive":false}],"state":{"ticket":7}},"principal":"local","channel":"rest","trigger":"message_received","depth":0,"at":"TIME"},{"type":"step_chosen","intent":"function_call","arguments":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never","interactive":false}],"state":{"ticket":7}},"model":"rules","at":"TIME"},{"type":"request_opened","kind":"approval","question":"May send_mail be called?","options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:"},{"name":"never"}],"action":{"tool":"function_call","arguments":{"fn":"send_mail","kwargs":{"to":"mia@example.com"}},"digest":"sha256:3ea2970addaf4c26a535d6b35c319b953024566abbd109e5ef630724a0b61b6b"},"answerable_by":"human","at":"TIME"},{"type":"request_answered","request":3,"by":"local","channel":"rest","approved":false,"response":"later","comment":"she is away","at":"TIME"},{"type":"step_chosen","intent":"answered","arguments":{"approved":false,"comment":"she is away","reject_option_name":"later"},"model":"rules","at":"TIME"},{"type":"thread_completed","output":{"approved":false,"comment":"she is away","reject_option_name":"later"},"at":"TIME"}]}""",
            await rest.Get("/threads/thr_A?include_events=true"));
        Assert.Equal(
            """201 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never","interactive":false}],"state":{"thread_id":"thr_A","agent":"function_call","kind":"approval","question":"May send_mail be called?","answerable_by":"human","digest":"sha256:3ea2970addaf4c26a535d6b35c319b953024566abbd109e5ef630724a0b61b6b","given":{"ticket":7}}},"status":{"requested_at":"TIME","responded_at":"TIME","approved":false,"comment":"she is away","user_info":{"by":"local","channel":"rest"},"reject_option_name":"later"}}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"send_mail","kwargs":{"to":"mia@example.com"},"reject_options":[{"name":"later","title":"Not now","description":"Ask again.","prompt_fill":"Not now:","interactive":true},{"name":"never"}],"state":{"ticket":7}},"idempotency_key":"mail-7"}"""));
    }

    [Fact]
    [Trait("Accepts", "A2H.1")]
    [Trait("Accepts", "A2H.4")]
    public async Task A_question_is_answered_by_an_option_or_in_words()
    {
        using var rest = await RestClient.Of(servers);
        Assert.Equal(
            """201 {"run_id":"thr_A","call_id":"req_A_3","spec":{"msg":"Which color?","subject":"The logo","response_options":[{"name":"red","interactive":false},{"name":"blue","title":"Blue","prompt_fill":"As blue as","interactive":false}],"state":{"thread_id":"thr_A","agent":"human_contact","kind":"question","question":"Which color?","answerable_by":"human","context":"The logo","given":{"a":null}}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null}}""",
            await rest.Post("/human_contacts", """{"spec":{"msg":"Which color?","subject":"The logo","response_options":[{"name":"red"},{"name":"blue","title":"Blue","prompt_fill":"As blue as"}],"state":{"a":null}}}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"'green' is no option that can be given so. The options are red, blue. The request stays open.","code":"invalid_response","human_contact":{"run_id":"thr_A","call_id":"req_A_3","spec":{"msg":"Which color?","subject":"The logo","response_options":[{"name":"red","interactive":false},{"name":"blue","title":"Blue","prompt_fill":"As blue as","interactive":false}],"state":{"thread_id":"thr_A","agent":"human_contact","kind":"question","question":"Which color?","answerable_by":"human","context":"The logo","given":{"a":null}}},"status":{"requested_at":"TIME","responded_at":null,"response":null,"response_option_name":null,"user_info":null,"failed_validation_details":{"code":"invalid_response","message":"'green' is no option that can be given so. The options are red, blue. The request stays open."}}}}""",
            await rest.Post("/human_contacts/req_A_3/respond", """{"response_option_name":"green"}"""));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_3","spec":{"msg":"Which color?","subject":"The logo","response_options":[{"name":"red","interactive":false},{"name":"blue","title":"Blue","prompt_fill":"As blue as","interactive":false}],"state":{"thread_id":"thr_A","agent":"human_contact","kind":"question","question":"Which color?","answerable_by":"human","context":"The logo","given":{"a":null}}},"status":{"requested_at":"TIME","responded_at":"TIME","response":"green, please","response_option_name":null,"user_info":{"by":"local","channel":"rest"}}}""",
            await rest.Post("/human_contacts/req_A_3/respond", """{"response":"green, please"}"""));
        Assert.Equal(
            """200 {"status":"completed","thread_id":"thr_A","agent":"human_contact","model":"rules","version":6,"output":{"response":"green, please"},"error":null,"requests":[],"next":"Nothing is left to do. To go on with it, call resume_thread with thread_id \"thr_A\" and a response."}""",
            await rest.Get("/threads/thr_A?wait_seconds=40"));
        await rest.Post("/human_contacts", """{"spec":{"msg":"Which color?","subject":"The logo","response_options":[{"name":"red"},{"name":"blue","title":"Blue","prompt_fill":"As blue as"}],"state":{"a":null}}}""");
        Assert.Equal(
            """200 {"run_id":"thr_B","call_id":"req_B_3","spec":{"msg":"Which color?","subject":"The logo","response_options":[{"name":"red","interactive":false},{"name":"blue","title":"Blue","prompt_fill":"As blue as","interactive":false}],"state":{"thread_id":"thr_B","agent":"human_contact","kind":"question","question":"Which color?","answerable_by":"human","context":"The logo","given":{"a":null}}},"status":{"requested_at":"TIME","responded_at":"TIME","response":"blue","response_option_name":"blue","user_info":{"by":"local","channel":"rest"}}}""",
            await rest.Post("/human_contacts/req_B_3/respond", """{"response_option_name":"blue"}"""));
    }

    [Fact]
    [Trait("Accepts", "A2H.4")]
    [Trait("Accepts", "A2H.6")]
    public async Task What_cannot_be_asked_is_refused_and_nothing_is_stored()
    {
        using var rest = await RestClient.Of(servers);
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"channel cannot be chosen here: people are told through the channels this server is configured with (the setting notify). Leave it out.","code":"invalid_input"}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"f","kwargs":{},"channel":"ops"}}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a value that is not of its type at $.spec.channel.","code":"invalid_input"}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"f","kwargs":{},"channel":{"email":{"address":"mia@example.com"}}}}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"reject_options names 'a' twice; an answer could not tell one from the other.","code":"invalid_input"}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"f","kwargs":{},"reject_options":[{"name":"a"},{"name":"a"}]}}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"response_options names 'a' twice; an answer could not tell one from the other.","code":"invalid_input"}""",
            await rest.Post("/human_contacts", """{"spec":{"msg":"?","response_options":[{"name":"a"},{"name":"a"}]}}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"response_options has null in it; each option is an object with a name.","code":"invalid_input"}""",
            await rest.Post("/human_contacts", """{"spec":{"msg":"?","response_options":[null]}}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body lacks 'kwargs' at $.spec.","code":"invalid_input"}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"f"}}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a member that is not taken here: 'user'. /openapi/v1.json lists those that are.","code":"invalid_input"}""",
            await rest.Post("/function_calls", """{"spec":{"fn":"f","kwargs":{},"user":"x"}}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a member that is not taken here: 'call_id'. /openapi/v1.json lists those that are.","code":"invalid_input"}""",
            await rest.Post("/human_contacts", """{"spec":{"msg":"?"},"call_id":"x"}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a value that is not of its type at $.spec.msg.","code":"invalid_input"}""",
            await rest.Post("/human_contacts", """{"spec":{"msg":7}}"""));
    }
}
