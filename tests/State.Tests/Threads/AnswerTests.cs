using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Threads;

public class AnswerTests
{
    [Fact]
    [Trait("Accepts", "F8.2")]
    public void A_yes_is_recorded_with_who_gave_it_and_through_what() =>
        Spec.Given(Logs["Waiting"]).When(Said.Yes(comment: "go ahead")).Then("""{"type":"request_answered","request":3,"by":"mia","channel":"stdio","approved":true,"comment":"go ahead","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F8.3 R.9")]
    public void A_no_returns_the_thread_to_thinking_with_the_feedback()
    {
        var thread = Spec.Given(Logs["Waiting"]).When(Said.No(3, "deploy the backend first")).Then("""{"type":"request_answered","request":3,"by":"mia","channel":"stdio","approved":false,"comment":"deploy the backend first","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal(new Thinking(), thread.State);
    }

    [Fact]
    public void A_question_takes_any_response_when_it_has_no_schema() =>
        Spec.Given(Logs["Waiting for words"]).When(Said.Words("""{"b":1,"a":[2,null]}""")).Then("""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","response":{"b":1,"a":[2,null]},"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    public void A_structured_response_may_come_as_its_text() =>
        Spec.Given(Started, Asked(schema: """{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}""")).When(Said.Words("""
            "{\"n\": 5}"
            """)).Then("""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","response":{"n":5},"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F6.9")]
    public void The_result_of_a_long_job_is_the_result_of_its_call() =>
        Spec.Given(Logs["Waiting for a job"]).When(Said.Words("""{"run":"green"}"""))
            .Then(
            """{"type":"request_answered","request":4,"by":"mia","channel":"stdio","response":{"run":"green"},"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"tool_returned","call":2,"result":{"run":"green"},"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    public void A_step_from_the_caller_is_an_answer_like_any_other() =>
        Spec.Given(Logs["Waiting for a step"]).When(Said.Words("""{"intent":"done"}""")).Then("""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","response":{"intent":"done"},"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F7.6")]
    public void Words_to_a_completed_thread_are_its_next_message() =>
        Spec.Given(Logs["Completed"]).When(Said.Words("\"and now staging\"")).Then("""{"type":"message_received","message":"and now staging","by":"mia","channel":"stdio","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F10.1")]
    public void Leave_to_go_on_is_given_by_a_yes() =>
        Spec.Given(Logs["Waiting for leave to go on"]).When(Said.Yes()).Then("""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","approved":true,"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F10.1")]
    public void Guidance_alone_is_leave_to_go_on() =>
        Spec.Given(Logs["Waiting for leave to go on"]).When(Said.Words("\"try staging first\"")).Then("""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","approved":true,"response":"try staging first","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F10.1")]
    public void A_no_at_a_limit_fails_the_thread_and_says_at_which() =>
        Spec.Given(Logs["Waiting for leave to go on"]).When(Said.No())
            .Then(
            """{"type":"request_answered","request":2,"by":"mia","channel":"stdio","approved":false,"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"thread_failed","error":"Stopped at a limit: Which one? mia declined to extend it.","at":"2026-03-01T10:00:00+00:00"}""");

    [Theory]
    [InlineData("""{"outcome":"done","result":{"pushed":true}}""")]
    [InlineData("\"{\\\"outcome\\\":\\\"done\\\",\\\"result\\\":{\\\"pushed\\\":true}}\"")]
    [Trait("Accepts", "F8.7")]
    public void A_doubt_that_it_happened_is_settled_with_its_result(string response) =>
        Spec.Given(Logs["Waiting in doubt"]).When(Said.Words(response))
            .Then(
            """{"type":"request_answered","request":4,"by":"mia","channel":"stdio","response":{"outcome":"done","result":{"pushed":true}},"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"tool_returned","call":2,"result":{"pushed":true},"at":"2026-03-01T10:00:00+00:00"}""");

    [Theory]
    [InlineData("\"run_again\"", "run_again")]
    [InlineData("""{"outcome":"run_again"}""", "run_again")]
    [InlineData("\"skip\"", "skip")]
    [Trait("Accepts", "F8.7")]
    public void A_doubt_may_be_settled_by_the_bare_name_of_an_option(string response, string outcome) =>
        Spec.Given(Logs["Waiting in doubt"]).When(Said.Words(response))
            .Then($$$"""{"type":"request_answered","request":4,"by":"mia","channel":"stdio","response":{"outcome":"{{{outcome}}}"},"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F8.7")]
    public void Done_without_a_result_returns_null() =>
        Spec.Given(Logs["Waiting in doubt"]).When(Said.Words("\"done\""))
            .Then(
            """{"type":"request_answered","request":4,"by":"mia","channel":"stdio","response":{"outcome":"done"},"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"tool_returned","call":2,"result":null,"at":"2026-03-01T10:00:00+00:00"}""");

    [Theory]
    [InlineData("\"null\"")]
    [InlineData("\"perhaps\"")]
    [Trait("Accepts", "F8.7")]
    public void A_doubt_is_never_settled_by_other_words(string response)
    {
        var e = Assert.Throws<RefusedException>(() => ThreadDecider.Decide(AgentThread.Fold(Spec.Id, Logs["Waiting in doubt"]), Said.Words(response)));
        Assert.Equal(RefusalCode.InvalidResponse, e.Code);
    }

    [Fact]
    public void A_response_of_null_is_no_response_and_is_stored_as_none()
    {
        Spec.Given(Logs["Waiting"]).When(Said.By(Said.Mia, approved: true, response: "null"))
            .Then("""{"type":"request_answered","request":3,"by":"mia","channel":"stdio","approved":true,"at":"2026-03-01T10:00:00+00:00"}""");
        Spec.Given(Logs["Waiting for the time"]).When(Said.Words("null"))
            .Then("""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","at":"2026-03-01T10:00:00+00:00"}""");
    }
}
