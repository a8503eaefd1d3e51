using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Function_calls(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "A2H.1")]
    [Trait("Accepts", "A2H.3")]
    [Trait("Accepts", "R.9")]
    public async Task An_approval_is_a_function_call_and_a_no_with_feedback_is_one()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null}}""",
            await rest.Get("/function_calls/req_A_3"));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}},"status":{"requested_at":"TIME","responded_at":"TIME","approved":false,"comment":"use 5","user_info":{"by":"local","channel":"rest"},"reject_option_name":null}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":false,"comment":"use 5"}"""));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}},"status":{"requested_at":"TIME","responded_at":"TIME","approved":false,"comment":"use 5","user_info":{"by":"local","channel":"rest"},"reject_option_name":null}}""",
            await rest.Get("/function_calls/req_A_3"));
        await rest.Get("/threads/thr_A?wait_seconds=40");
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"pending","version":6,"events":[{"version":4,"event":{"type":"request_answered","request":3,"by":"local","channel":"rest","approved":false,"comment":"use 5","at":"TIME"}}],"next_after":4}""",
            await rest.Get("/threads/thr_A/events?after=3&limit=1"));
        Assert.Equal(
            """404 {"type":"about:blank","title":"Not Found","status":404,"detail":"req_A_3 (approval) is at /api/v1/function_calls/req_A_3.","code":"request_not_found"}""",
            await rest.Get("/human_contacts/req_A_3"));
    }

    [Fact]
    [Trait("Accepts", "A2H.2")]
    [Trait("Accepts", "F6.8")]
    public async Task The_first_answer_stands()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}},"status":{"requested_at":"TIME","responded_at":"TIME","approved":true,"comment":null,"user_info":{"by":"local","channel":"rest"},"reject_option_name":null}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":true}"""));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}},"status":{"requested_at":"TIME","responded_at":"TIME","approved":true,"comment":null,"user_info":{"by":"local","channel":"rest"},"reject_option_name":null}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":true}"""));
        Assert.Equal(
            """409 {"type":"about:blank","title":"Conflict","status":409,"detail":"req_A_3 was already answered (approved: true) by local through rest at TIME; the first answer stands. Call get_thread to see what followed.","code":"already_answered"}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":false}"""));
    }

    [Fact]
    [Trait("Accepts", "A2H.3")]
    [Trait("Accepts", "A2H.8")]
    [Trait("Accepts", "P.5")]
    public async Task What_is_no_answer_is_refused_and_the_request_stays_open()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"That is not an answer to this request. What is awaited is req_A_3 (approval): \"Run divide with a 3, b 4?\" Answer it with approved true or false, and an optional comment.","code":"wrong_answer","function_call":{"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null,"failed_validation_details":{"code":"wrong_answer","message":"That is not an answer to this request. What is awaited is req_A_3 (approval): \"Run divide with a 3, b 4?\" Answer it with approved true or false, and an optional comment."}}}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"comment":"hm"}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"That is not an answer to this request. What is awaited is req_A_3 (approval): \"Run divide with a 3, b 4?\" Answer it with approved true or false, and an optional comment.","code":"wrong_answer","function_call":{"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null,"failed_validation_details":{"code":"wrong_answer","message":"That is not an answer to this request. What is awaited is req_A_3 (approval): \"Run divide with a 3, b 4?\" Answer it with approved true or false, and an optional comment."}}}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":true,"reject_option_name":"no"}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a member that is not taken here: 'kwargs'. /openapi/v1.json lists those that are.","code":"invalid_input"}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":true,"kwargs":{"a":1,"b":1}}"""));
        Assert.Equal(
            """400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a member that is not taken here: 'user_info'. /openapi/v1.json lists those that are.","code":"invalid_input"}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved":true,"user_info":{"by":"the boss"}}"""));
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The arguments of this action cannot be changed. Approve it as it is, or reject it and say in the comment what should be done instead. What is awaited is req_A_3 (approval): \"Run divide with a 3, b 4?\" Answer it with approved true or false, and an optional comment.","code":"wrong_answer","function_call":{"run_id":"thr_A","call_id":"req_A_3","spec":{"fn":"divide","kwargs":{"a":3,"b":4},"state":{"thread_id":"thr_A","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","answerable_by":"caller","digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null,"failed_validation_details":{"code":"wrong_answer","message":"The arguments of this action cannot be changed. Approve it as it is, or reject it and say in the comment what should be done instead. What is awaited is req_A_3 (approval): \"Run divide with a 3, b 4?\" Answer it with approved true or false, and an optional comment."}}}}""",
            await rest.Post("/function_calls/req_A_3/respond", """{"approved_with_changes":{"a":1,"b":1}}"""));
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"pending","version":3,"events":[],"next_after":null}""",
            await rest.Get("/threads/thr_A/events?after=3"));
    }

    [Fact]
    [Trait("Accepts", "P.5")]
    public async Task Changed_arguments_are_an_answer_of_their_own()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"careful","input":{"message":"go"}}""");
        await rest.Post("/threads/thr_A/answer", """{"response":{"intent":"divide","a":3,"b":0}}""");
        Assert.Equal(
            """422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The changed arguments do not fit: 'a': number expected; 'b' is required. They must match this JSON Schema: {\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"},\"b\":{\"type\":\"number\"}},\"required\":[\"a\",\"b\"],\"additionalProperties\":false}. The request stays open. What is awaited is req_A_5 (approval): \"Run divide with a 3, b 0?\" Answer it with approved true or false, or approved_with_changes holding other arguments, and an optional comment.","code":"invalid_response","function_call":{"run_id":"thr_A","call_id":"req_A_5","spec":{"fn":"divide","kwargs":{"a":3,"b":0},"state":{"thread_id":"thr_A","agent":"careful","kind":"approval","question":"Run divide with a 3, b 0?","answerable_by":"caller","digest":"sha256:b4e405cec6af6ac33fade26fd77453a040b460a4304dfe65b3c1c253cc6c3b6c","changes_schema":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"],"additionalProperties":false},"expires_at":"TIME"}},"status":{"requested_at":"TIME","responded_at":null,"approved":null,"comment":null,"user_info":null,"reject_option_name":null,"failed_validation_details":{"code":"invalid_response","message":"The changed arguments do not fit: 'a': number expected; 'b' is required. They must match this JSON Schema: {\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"},\"b\":{\"type\":\"number\"}},\"required\":[\"a\",\"b\"],\"additionalProperties\":false}. The request stays open. What is awaited is req_A_5 (approval): \"Run divide with a 3, b 0?\" Answer it with approved true or false, or approved_with_changes holding other arguments, and an optional comment."}}}}""",
            await rest.Post("/function_calls/req_A_5/respond", """{"approved_with_changes":{"a":"x"}}"""));
        Assert.Equal(
            """200 {"run_id":"thr_A","call_id":"req_A_5","spec":{"fn":"divide","kwargs":{"a":3,"b":0},"state":{"thread_id":"thr_A","agent":"careful","kind":"approval","question":"Run divide with a 3, b 0?","answerable_by":"caller","digest":"sha256:b4e405cec6af6ac33fade26fd77453a040b460a4304dfe65b3c1c253cc6c3b6c","changes_schema":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}},"required":["a","b"],"additionalProperties":false},"expires_at":"TIME"}},"status":{"requested_at":"TIME","responded_at":"TIME","approved":true,"comment":null,"user_info":{"by":"local","channel":"rest"},"reject_option_name":null,"approved_with_changes":{"a":3,"b":4}}}""",
            await rest.Post("/function_calls/req_A_5/respond", """{"approved_with_changes":{"a":3,"b":4}}"""));
        await rest.Get("/threads/thr_A?wait_seconds=40");
        Assert.Equal(
            """200 {"thread_id":"thr_A","status":"pending","version":9,"events":[{"version":6,"event":{"type":"request_answered","request":5,"by":"local","channel":"rest","approved":true,"arguments":{"a":3,"b":4},"at":"TIME"}},{"version":7,"event":{"type":"tool_started","call":4,"attempt":1,"at":"TIME"}},{"version":8,"event":{"type":"tool_returned","call":4,"result":0.75,"at":"TIME"}}],"next_after":8}""",
            await rest.Get("/threads/thr_A/events?after=5&limit=3"));
    }
}
