using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Threads;

public class ChildTests
{
    private static readonly ThreadId Child = ThreadId.Parse("thr_019ca8f0a4807000800000000000000c");
    private static readonly ThreadId Other = ThreadId.Parse("thr_019ca8f0a4807000800000000000000d");
    private static readonly ThreadEvent Awaited = new RequestOpened(Nine, RequestKind.Child, "Waits for tester.", Child: Child);
    private static readonly ThreadEvent[] Waiting = [Started, Chose(usage: new(100, 10)), Began(), Awaited];
    private static readonly EndChild Returned = new(Ten, Child, JsonText.Parse("""{"green":true}"""), null, new(3, 120));

    private static readonly ThreadEvent Called = new ThreadStarted(
        Nine, "tester", "sha256:d1", JsonText.Parse("""{"message":"test it"}"""), "local", "thread", "message_received", Other, new(2), Other, 1,
        new([new(Other, "deploybot")], AnswerableBy.Human, Deepest: 5, Steps: new(4, 20), Tokens: new(110, 5000)));

    [Fact]
    [Trait("Accepts", "D.5")]
    public void A_call_waits_for_exactly_one_child_by_name() =>
        Spec.Given(Started, Chose(), Began()).When(new OpenARequest(Ten, RequestKind.Child, "Waits for tester.", Child: Child)).Then(
            """{"type":"request_opened","kind":"child","question":"Waits for tester.","answerable_by":"caller","child":"thr_019ca8f0a4807000800000000000000c","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "D.5")]
    public void What_the_child_gives_is_the_result_of_the_call()
    {
        var thread = Spec.Given(Waiting).When(Returned).Then(
            """{"type":"request_answered","request":4,"by":"thr_019ca8f0a4807000800000000000000c","channel":"thread","spent":{"steps":3,"tokens":120},"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"tool_returned","call":2,"result":{"green":true},"at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal(new Thinking(), thread.State);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public void A_child_that_failed_fails_the_call_and_not_the_thread()
    {
        var thread = Spec.Given(Waiting).When(new EndChild(Ten, Child, null, "the key was refused", new(1, 0))).Then(
            """{"type":"request_answered","request":4,"by":"thr_019ca8f0a4807000800000000000000c","channel":"thread","spent":{"steps":1,"tokens":0},"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"tool_failed","call":2,"error":"the key was refused","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal((ThreadStatus.Running, 1), (thread.Status, thread.ErrorsInRow.Count));
    }

    [Fact]
    [Trait("Accepts", "R.12")]
    public void The_end_of_another_child_or_a_second_telling_changes_nothing()
    {
        Spec.Given(Waiting).When(Returned with { Child = Other }).ThenNothing();
        Spec.Given([.. Waiting, new RequestAnswered(Nine, new(4), Child.Value, "thread"), Happened.Returned()]).When(Returned).ThenNothing();
        Spec.Given([.. Waiting, Stopped]).When(Returned).ThenNothing();
        Spec.Given(Logs["Waiting for a child"]).When(Returned).ThenNothing();
    }

    [Fact]
    [Trait("Accepts", "F9.4")]
    public void The_end_of_a_child_is_nobodys_answer_so_errors_go_on_counting()
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Misstepped(), Chose(), Began(3), Awaited, new RequestAnswered(Ten, new(5), Child.Value, "thread"), ToolBroke(3)]);
        Assert.Equal((2, null), (thread.ErrorsInRow.Count, thread.LastAnswer));
    }

    [Fact]
    public void What_a_child_used_counts_towards_the_limits_of_its_caller_until_leave_is_given()
    {
        var thread = AgentThread.Fold(Spec.Id, [.. Waiting, new RequestAnswered(Ten, new(4), Child.Value, "thread", Spent: new(3, 120)), Happened.Returned()]);
        Assert.Equal((new Spent(4, 230), new Usage(100, 10)), (thread.Accounts.Own, thread.Usage));

        thread = new[] { Asked(RequestKind.Budget), Answered(7, approved: true) }.Aggregate(thread, AgentThread.Evolve);
        Assert.Equal(Spent.Nothing, thread.Accounts.Own);
    }

    [Theory]
    [InlineData(4889, 0, 0)]
    [InlineData(4890, -4, -110)]
    public void Leave_of_an_earlier_version_extends_the_limits_of_the_callers_where_they_were_used_up(long tokens, long steps, long above)
    {
        var child = AgentThread.Fold(Child, [Called, Misstepped(), new StepRejected(Nine, "no step", "rules", Usage: new(tokens, 0)), Asked(RequestKind.Budget), Answered(4, approved: true)]);
        Assert.Equal((Spent.Nothing, new Spent(steps, above)), (child.Accounts.Own, child.Accounts.Above));
    }

    [Fact]
    [Trait("Accepts", "F5.3")]
    public void A_copy_cannot_wait_for_the_child_of_its_original() =>
        Spec.Given(Waiting).When(new ForkThread(Ten, Spec.Id, "mia", "stdio")).ThenRefused(RefusalCode.InvalidVersion,
            "Version 4 lies in the middle of call_2 (tag_push), which waits for thr_019ca8f0a4807000800000000000000c; a copy cannot share it. "
                + "Fork at version 1, before it was chosen, or fork thr_019ca8f0a4807000800000000000000c.");

    [Fact]
    [Trait("Accepts", "P.6")]
    public void A_copy_of_a_child_is_nobodys_child_and_as_strict_as_before()
    {
        var child = AgentThread.Fold(Child, [Called]);
        var copy = AgentThread.Evolve(child, new ThreadForked(Ten, Child, 1, "mia", "stdio"));
        Assert.Equal([Other, Child], child.Path);
        Assert.Equal([Child], copy.Path);
        Assert.Equal((null, null, AnswerableBy.Human, 5), (copy.Start.Parent, copy.Start.Root, copy.Start.Inherited!.AnswerableBy, copy.Start.Inherited.Deepest));
    }

    [Fact]
    [Trait("Accepts", "F6.5")]
    public void Answering_the_wait_itself_is_refused_with_what_is_awaited() =>
        Spec.Given(Waiting).When(Said.Yes()).ThenRefused(RefusalCode.WrongAnswer,
            "That is not an answer to this request. What is awaited is req_019ca8b9b6007000800000000000000a_4 (child): \"Waits for tester.\" Answer it by answering the child's own request, listed under requests with its path.");
}
