using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

/// <summary>A refusal leaves the thread as it was and says what is awaited.</summary>
public class RefusedAnswerTests
{
    [Fact]
    [Trait("Accepts", "F6.2 F6.5")]
    public void An_unknown_thread() => Spec.Given().When(Said.Yes()).ThenRefused(RefusalCode.ThreadNotFound,
            "There is no thread thr_019ca8b9b6007000800000000000000a.");

    [Fact]
    [Trait("Accepts", "F6.5 R.2")]
    public void An_unknown_request_while_another_is_open() => Spec.Given(Logs["Waiting"]).When(Said.Yes(request: 7)).ThenRefused(RefusalCode.RequestNotFound,
            "There is no open request req_019ca8b9b6007000800000000000000a_7 in this thread. What is awaited is req_019ca8b9b6007000800000000000000a_3 (approval): \"Push tag v1.4.0?\" Answer it with approved true or false, and an optional comment.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void An_unknown_request_while_nothing_is_open() => Spec.Given(Logs["Acting"]).When(Said.Yes(request: 7)).ThenRefused(RefusalCode.RequestNotFound,
            "There is no open request req_019ca8b9b6007000800000000000000a_7 in this thread, nor any other. Call get_thread to see where it stands.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void An_unknown_request_of_a_completed_thread() => Spec.Given(Logs["Completed"]).When(Said.Words("1", request: 7)).ThenRefused(RefusalCode.RequestNotFound,
            "There is no open request req_019ca8b9b6007000800000000000000a_7 in this thread, nor any other. Call get_thread to see where it stands.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void A_running_thread_asks_nothing() => Spec.Given(Logs["Acting"]).When(Said.Yes()).ThenRefused(RefusalCode.NothingPending,
            "The thread is running and asks nothing. Call wait_thread to wait for its next request or its result.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void A_yes_to_a_completed_thread() => Spec.Given(Logs["Completed"]).When(Said.Yes()).ThenRefused(RefusalCode.NothingPending,
            "The thread is completed and nothing awaits approval. To go on with it, call resume_thread with a response; it becomes the next message.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void A_failed_thread_takes_nothing() => Spec.Given(Logs["Failed"]).When(Said.Words("1")).ThenRefused(RefusalCode.ThreadEnded,
            "The thread is failed and takes nothing more. Start a new one, or fork this one at an earlier version with fork_thread.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void Words_for_an_approval() => Spec.Given(Logs["Waiting"]).When(Said.Words("\"yes\"")).ThenRefused(RefusalCode.WrongAnswer,
            "That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_3 (approval): \"Push tag v1.4.0?\" Answer it with approved true or false, and an optional comment.");

    [Fact]
    [Trait("Accepts", "P.5")]
    public void An_approval_that_brings_arguments_of_its_own() =>
        Spec.Given(Logs["Waiting"]).When(Said.By(Said.Mia, approved: true, response: """{"tag":"v9"}""")).ThenRefused(RefusalCode.WrongAnswer,
            "That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_3 (approval): \"Push tag v1.4.0?\" Answer it with approved true or false, and an optional comment.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void A_yes_to_a_question() => Spec.Given(Logs["Waiting for words"]).When(Said.Yes()).ThenRefused(RefusalCode.WrongAnswer,
            "That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_2 (question): \"Which one?\" Answer it with a response.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void An_empty_answer_to_a_question() => Spec.Given(Logs["Waiting for words"]).When(Said.Words("null")).ThenRefused(RefusalCode.WrongAnswer,
            "That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_2 (question): \"Which one?\" Answer it with a response.");

    [Theory]
    [Trait("Accepts", "F6.5")]
    [InlineData("""{"intent":"tag_push","tag":"v1"}""")]
    [InlineData("\"{\\\"intent\\\":\\\"tag_push\\\"}\"")]
    public void A_step_for_an_approval(string step) => Spec.Given(Logs["Waiting"]).When(Said.Words(step)).ThenRefused(RefusalCode.WrongAnswer,
            "That is a step, and none is asked for now: this waits for a person's yes or no to the action that is shown. What is awaited is req_019ca8b9b6007000800000000000000a_3 (approval): \"Push tag v1.4.0?\" Answer it with approved true or false, and an optional comment.");

    [Theory]
    [Trait("Accepts", "F8.4")]
    [InlineData("Waiting")]
    [InlineData("Waiting for words")]
    [InlineData("Waiting for leave to go on")]
    [InlineData("Waiting for the time")]
    [InlineData("Waiting for a job")]
    [InlineData("Waiting in doubt")]
    public void What_a_model_said_when_it_was_asked_for_a_step_answers_nothing_else(string log)
    {
        var model = new Responder("local", "sampling", IsModel: true);
        Assert.Equal(RefusalCode.WrongAnswer, Assert.Throws<RefusedException>(() => ThreadDecider.Decide(AgentThread.Fold(Spec.Id, Logs[log]), Said.By(model, response: "\"yes\""))).Code);
        Assert.Equal(RefusalCode.WrongAnswer, Assert.Throws<RefusedException>(() => ThreadDecider.Decide(AgentThread.Fold(Spec.Id, Logs[log]), Said.By(model, approved: true))).Code);
    }

    [Fact]
    public void What_a_model_said_is_kept_as_it_is_even_if_it_is_no_step()
    {
        ThreadEvent[] asked = [Started, new RequestOpened(Nine, RequestKind.NextStep, "Choose.", Schema: JsonText.Parse("""{"type":"object"}"""))];
        Spec.Given(asked).When(Said.By(new("local", "sampling", IsModel: true), 2, response: "\"let me think\"", comment: "claude-sonnet-5-5")).Then(
            """{"type":"request_answered","request":2,"by":"local","channel":"sampling","response":"let me think","comment":"claude-sonnet-5-5","at":"2026-03-01T10:00:00+00:00"}""");
    }

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void A_yes_for_a_next_step() => Spec.Given(Logs["Waiting for a step"]).When(Said.Yes()).ThenRefused(RefusalCode.WrongAnswer,
            "Nothing waits for approval here, and nothing was approved: this asks for the next step. What is awaited is req_019ca8b9b6007000800000000000000a_2 (next_step): \"Which one?\" Answer it with response holding the next step.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void Nothing_at_all_at_a_limit() => Spec.Given(Logs["Waiting for leave to go on"]).When(Said.By(Said.Mia)).ThenRefused(RefusalCode.WrongAnswer,
            "That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_2 (budget): \"Which one?\" Answer it with approved true or false, or a response with guidance.");

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void A_yes_to_a_sleep() => Spec.Given(Logs["Waiting for the time"]).When(Said.Yes()).ThenRefused(RefusalCode.WrongAnswer,
            "That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_2 (sleep): \"Which one?\" Answer it with a response.");

    [Fact]
    [Trait("Accepts", "F6.5 D.6")]
    public void An_answer_to_the_parent_of_a_waiting_child() => Spec.Given(Logs["Waiting for a child"]).When(Said.Yes()).ThenRefused(RefusalCode.WrongAnswer,
            "That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_4 (child): \"Which one?\" Answer it by answering the child's own request, listed under requests with its path.");

    [Fact]
    [Trait("Accepts", "F6.5 F8.7")]
    public void A_yes_to_a_doubt() => Spec.Given(Logs["Waiting in doubt"]).When(Said.Yes()).ThenRefused(RefusalCode.WrongAnswer,
            """That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_4 (in_doubt): "Which one?" Answer it with response {"outcome": "done" | "run_again" | "skip", "result": ...}.""");

    [Fact]
    [Trait("Accepts", "F6.5 F8.7")]
    public void A_doubt_answered_with_other_words() => Spec.Given(Logs["Waiting in doubt"]).When(Said.Words("\"perhaps\"")).ThenRefused(RefusalCode.InvalidResponse,
            """The response does not fit: 'value': object expected; 'outcome' is required. It must match this JSON Schema: {"type":"object","properties":{"outcome":{"type":"string","enum":["done","run_again","skip"]},"result":{}},"required":["outcome"],"additionalProperties":false}. The request stays open. What is awaited is req_019ca8b9b6007000800000000000000a_4 (in_doubt): "Which one?" Answer it with response {"outcome": "done" | "run_again" | "skip", "result": ...}.""");

    [Fact]
    [Trait("Accepts", "F6.5 F8.7")]
    public void A_doubt_answered_with_more_than_is_asked() =>
        Spec.Given(Logs["Waiting in doubt"]).When(Said.Words("""{"outcome":"done","result":{"id":"ch_1"},"comment":"seen"}""")).ThenRefused(RefusalCode.InvalidResponse,
            """The response does not fit: 'comment' is not a known property. It must match this JSON Schema: {"type":"object","properties":{"outcome":{"type":"string","enum":["done","run_again","skip"]},"result":{}},"required":["outcome"],"additionalProperties":false}. The request stays open. What is awaited is req_019ca8b9b6007000800000000000000a_4 (in_doubt): "Which one?" Answer it with response {"outcome": "done" | "run_again" | "skip", "result": ...}.""");

    [Fact]
    [Trait("Accepts", "F6.5 F8.7")]
    public void A_doubt_about_a_text_answered_with_none()
    {
        var asked = (RequestOpened)Asked(RequestKind.InDoubt) with { Schema = InDoubtAnswer.SchemaFor(JsonText.Parse("""{"type":"string"}""")) };
        Spec.Given(Started, Chose(), Began(), asked).When(Said.Words("""{"outcome":"done","result":null}""")).ThenRefused(RefusalCode.InvalidResponse,
            $$"""The response does not fit: 'result': string expected. It must match this JSON Schema: {{asked.Schema}}. The request stays open. What is awaited is req_019ca8b9b6007000800000000000000a_4 (in_doubt): "Which one?" Answer it with response {"outcome": "done" | "run_again" | "skip", "result": ...}.""");
    }

    [Fact]
    [Trait("Accepts", "F6.5 A2H.8")]
    public void A_response_that_misses_the_schema() =>
        Spec.Given(Started, Asked(schema: """{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}"""))
            .When(Said.Words("""{"m":5}""")).ThenRefused(RefusalCode.InvalidResponse,
            """The response does not fit: 'n' is required; 'm' is not a known property. It must match this JSON Schema: {"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}. The request stays open. What is awaited is req_019ca8b9b6007000800000000000000a_2 (question): "Which one?" Answer it with a response.""");

    [Fact]
    [Trait("Accepts", "F7.2")]
    public void A_choice_that_was_not_offered() =>
        Spec.Given(Started, Asked(schema: """{"enum":["red","blue"]}""")).When(Said.Words("\"green\"")).ThenRefused(RefusalCode.InvalidResponse,
            """The response does not fit: 'value' must be one of "red", "blue". It must match this JSON Schema: {"enum":["red","blue"]}. The request stays open. What is awaited is req_019ca8b9b6007000800000000000000a_2 (question): "Which one?" Answer it with a response.""");
}
