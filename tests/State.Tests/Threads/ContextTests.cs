using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

/// <summary>What happens beside the steps: facts, verdicts, summaries, results from the cache.</summary>
public class ContextTests
{
    private static readonly JsonText NoArguments = JsonText.Parse("{}");

    [Fact]
    [Trait("Accepts", "F13.2")]
    public void Facts_that_were_fetched_together_are_stored_together_and_are_neither_steps_nor_errors()
    {
        var thread = Spec.Given(Started, Misstepped())
            .When(new AddFacts(Ten, [new("list_tags", NoArguments, JsonText.Parse("""["v1"]""")), new("list_runs", JsonText.Parse("""{"limit":3}"""), Error: "503")]))
            .Then(
                """{"type":"fetched","intent":"list_tags","arguments":{},"result":["v1"],"at":"2026-03-01T10:00:00+00:00"}""",
                """{"type":"fetched","intent":"list_runs","arguments":{"limit":3},"error":"503","at":"2026-03-01T10:00:00+00:00"}""");

        Assert.Equal((1, 1), (thread.Steps, thread.ErrorsInRow.Count));
        Assert.IsType<AgentMcp.State.Threads.ThreadState.Thinking>(thread.State);
    }

    [Fact]
    public void Facts_do_not_take_the_place_of_a_step_that_was_given()
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Asked(RequestKind.NextStep), Answered(2, response: """{"intent":"tag_push"}"""), new Fetched(Ten, "list_tags", NoArguments, NoArguments)]);

        Assert.Equal(new AgentMcp.State.Threads.ThreadState.Thinking(JsonText.Parse("""{"intent":"tag_push"}""")), thread.State);
    }

    [Fact]
    [Trait("Accepts", "J.1")]
    public void A_step_that_was_turned_down_is_over_and_one_that_passed_is_as_it_was()
    {
        var turnedDown = Spec.Given(Started, Chose()).When(new JudgeStep(Ten, Verdict.Fail, "the tag is older than what is live", "anthropic:judge", new(900, 40))).Then(
            """{"type":"step_judged","call":2,"verdict":"fail","reason":"the tag is older than what is live","model":"anthropic:judge","usage":{"input_tokens":900,"output_tokens":40},"at":"2026-03-01T10:00:00+00:00"}""");
        var passed = Spec.Given(Started, Chose()).When(new JudgeStep(Ten, Verdict.Pass, "it is what was asked for", "code")).Then(
            """{"type":"step_judged","call":2,"verdict":"pass","reason":"it is what was asked for","model":"code","at":"2026-03-01T10:00:00+00:00"}""");

        Assert.Equal(new AgentMcp.State.Threads.ThreadState.Thinking(), turnedDown.State);
        Assert.Equal((1, 0, new Usage(900, 40)), (turnedDown.Steps, turnedDown.ErrorsInRow.Count, turnedDown.Usage));
        Assert.Equal(
            new AgentMcp.State.Threads.ThreadState.Chosen(new(new(2), "tag_push", JsonText.Parse("""{"tag":"v1.4.0"}"""), At: Nine, Judged: Verdict.Pass)), passed.State);
    }

    [Fact]
    [Trait("Accepts", "J.2")]
    public void Objections_in_a_row_are_counted_until_a_step_passes_or_a_person_speaks()
    {
        ThreadEvent[] twice = [Started, Chose(), Judged(2, Verdict.Fail), Chose(), Judged(4, Verdict.Fail)];

        Assert.Equal([3, 5], Counted(twice));
        Assert.Equal([3, 5], Counted([.. twice, Chose(), Judged(6, Verdict.None)]));
        Assert.Empty(Counted([.. twice, Chose(), Judged(6, Verdict.Pass)]));
        Assert.Empty(Counted([.. twice, Asked(), Answered(6, response: "\"the blue one\"")]));
        Assert.Equal([3, 5], Counted([.. twice, Asked(RequestKind.NextStep), Answered(6, response: "{}")]));

        static IEnumerable<int> Counted(ThreadEvent[] log) => AgentThread.Fold(Spec.Id, log).Objections.Select(objection => objection.Call.Version + 1);
    }

    [Fact]
    [Trait("Accepts", "J.3")]
    public void A_pass_is_no_approval()
    {
        var e = Assert.Throws<InvalidDataException>(() => AgentThread.Fold(Spec.Id, [Started, Chose(), Judged(7, Verdict.Pass)]));
        Assert.Equal("Event 3 (StepJudged) cannot happen to a thread that is Chosen.", e.Message);

        var asked = AgentThread.Fold(Spec.Id, [Started, Chose(), Judged(2, Verdict.Pass), AskedApproval(), Answered(4, approved: false)]);
        Assert.Equal(new AgentMcp.State.Threads.ThreadState.Thinking(), asked.State);
    }

    [Fact]
    [Trait("Accepts", "S.2")]
    public void A_summary_names_the_events_it_stands_for_and_changes_none_of_them()
    {
        var thread = Spec.Given(Started, Chose(), Began(), Returned()).When(new Summarise(Ten, 2, 4, "v1.4.0 was pushed.", "openai:small", new(300, 20))).Then(
            """{"type":"summarised","from":2,"to":4,"text":"v1.4.0 was pushed.","model":"openai:small","usage":{"input_tokens":300,"output_tokens":20},"at":"2026-03-01T10:00:00+00:00"}""");

        Assert.Equal((1, new Usage(300, 20)), (thread.Steps, thread.Usage));
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public void A_result_from_the_cache_says_where_it_is_from_and_ends_a_call_that_never_began() =>
        Spec.Given(Started, Misstepped(), Chose()).When(new ReturnTool(Ten, NoArguments, new(Spec.Id, 9, Nine))).Then(
            """{"type":"tool_returned","call":3,"result":{},"cached":{"thread":"thr_019ca8b9b6007000800000000000000a","version":9,"at":"2026-03-01T09:00:00+00:00"},"at":"2026-03-01T10:00:00+00:00"}""");

    private static StepJudged Judged(int call, Verdict verdict) => new(Nine, new(call), verdict, "no", "rules");
}
