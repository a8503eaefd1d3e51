using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class StepTests
{
    [Fact]
    [Trait("Accepts", "F6.1")]
    public void A_thread_starts_with_all_that_it_will_ever_need_to_know() =>
        Spec.Given().When(new StartThread(Ten, "deploybot", "sha256:d1", JsonText.Parse("""{"message":"ship <it> \"now\", naïve"}"""), "local", "stdio",
                Parent: Spec.Id, ParentCall: new(4), Root: Spec.Id, Depth: 1))
            .Then("""{"type":"thread_started","agent":"deploybot","definition":"sha256:d1","input":{"message":"ship <it> \"now\", naïve"},"principal":"local","channel":"stdio","trigger":"message_received","parent":"thr_019ca8b9b6007000800000000000000a","parent_call":4,"root":"thr_019ca8b9b6007000800000000000000a","depth":1,"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    public void A_thread_that_is_traced_keeps_the_trace_it_began_in() =>
        Spec.Given().When(new StartThread(Ten, "deploybot", "sha256:d1", JsonText.Null, "local", "stdio", Trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", TraceState: "a=1"))
            .Then("""{"type":"thread_started","agent":"deploybot","definition":"sha256:d1","input":null,"principal":"local","channel":"stdio","trigger":"message_received","depth":0,"trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","trace_state":"a=1","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F1.1")]
    public void A_choice_is_one_event_with_its_arguments_model_and_cost() =>
        Spec.Given(Started).When(new ChooseStep(Ten, "multiply", JsonText.Parse("""{ "a": 3, "b": 4 }"""), "rules", new(10, 5)))
            .Then("""{"type":"step_chosen","intent":"multiply","arguments":{"a":3,"b":4},"model":"rules","usage":{"input_tokens":10,"output_tokens":5},"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F1.2 F1.3")]
    public void A_reply_that_is_no_step_is_kept_with_the_reason() =>
        Spec.Given(Started).When(new RejectStep(Ten, "there is no intent 'fly'", "rules", Reply: """{"intent":"fly"}"""))
            .Then("""{"type":"step_rejected","reason":"there is no intent 'fly'","model":"rules","reply":"{\"intent\":\"fly\"}","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F8.2")]
    public void A_tool_is_started_under_the_id_of_its_call() =>
        Spec.Given(Logs["Chosen"]).When(new StartTool(Ten)).Then("""{"type":"tool_started","call":2,"attempt":1,"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F8.7")]
    public void A_tool_that_was_cut_off_starts_again_as_the_next_attempt_of_the_same_call() =>
        Spec.Given(Logs["Acting"]).When(new StartTool(Ten)).Then("""{"type":"tool_started","call":2,"attempt":2,"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F8.2")]
    public void A_result_belongs_to_the_call_that_runs() =>
        Spec.Given(Logs["Acting"]).When(new ReturnTool(Ten, JsonText.Parse("""{"pushed":true}"""))).Then("""{"type":"tool_returned","call":2,"result":{"pushed":true},"at":"2026-03-01T10:00:00+00:00"}""");

    [Theory]
    [InlineData("Chosen")]
    [InlineData("Approved")]
    [InlineData("Acting")]
    [Trait("Accepts", "F9.1")]
    public void A_call_fails_with_its_error_whether_it_ran_or_not(string state) =>
        Spec.Given(Logs[state]).When(new FailTool(Ten, "tag_push: remote hung up")).Then("""{"type":"tool_failed","call":2,"error":"tag_push: remote hung up","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F8.4 F6.4")]
    public void An_approval_is_asked_with_the_action_and_its_digest() =>
        Spec.Given(Logs["Chosen"]).When(new OpenARequest(Ten, RequestKind.Approval, "Push tag v1.4.0?", "v1.3.9 -> v1.4.0", Action: TagPush,
                AnswerableBy: AnswerableBy.Human, DueAt: Ten.AddHours(1)))
            .Then("""{"type":"request_opened","kind":"approval","question":"Push tag v1.4.0?","context":"v1.3.9 -> v1.4.0","action":{"tool":"tag_push","arguments":{"tag":"v1.4.0","sha":"9f2c1ab"},"digest":"sha256:006c8f1adf71ccb67775803980a0a70f4ae33580dd62cdf73c64b3f35ec442e5"},"answerable_by":"human","due_at":"2026-03-01T11:00:00+00:00","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    public void A_question_carries_its_schema_and_options() =>
        Spec.Given(Logs["Thinking"]).When(new OpenARequest(Ten, RequestKind.Question, "Which one?", Schema: JsonText.Parse("""{"enum":["a","b"]}"""),
                Options: [new("a", "The first"), new("b", Description: "It is blue.")]))
            .Then("""{"type":"request_opened","kind":"question","question":"Which one?","schema":{"enum":["a","b"]},"options":[{"name":"a","title":"The first"},{"name":"b","description":"It is blue."}],"answerable_by":"caller","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    public void A_chosen_ending_completes_the_thread_with_its_output() =>
        Spec.Given(Started, Chose("done")).When(new CompleteThread(Ten, JsonText.Parse("""{"message":"shipped"}"""))).Then("""{"type":"thread_completed","output":{"message":"shipped"},"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F9.6")]
    public void What_cannot_be_mended_fails_the_thread() =>
        Spec.Given(Started).When(new FailThread(Ten, "401: the key was refused")).Then("""{"type":"thread_failed","error":"401: the key was refused","at":"2026-03-01T10:00:00+00:00"}""");

    [Theory]
    [Trait("Accepts", "F9.6")]
    [InlineData("Acting")]
    [InlineData("Working at a step")]
    public void A_tool_that_was_running_when_it_failed_is_named_as_unknown(string state) =>
        Spec.Given(Logs[state]).When(new FailThread(Ten, "a hole")).Then("""{"type":"thread_failed","error":"a hole - tag_push was running; whether it took effect is not known","at":"2026-03-01T10:00:00+00:00"}""");
}
