using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Threads;

/// <summary>Several calls open at once, each as an agent's one call would be.</summary>
public class WorkflowTests
{
    private static readonly ThreadId One = ThreadId.Parse("thr_019ca8f0a4807000800000000000000c");
    private static readonly ThreadId Two = ThreadId.Parse("thr_019ca8f0a4807000800000000000000d");

    /// <summary>Calls 2 and 3 wait for children, call 4 for words; version 9 parks it.</summary>
    private static readonly ThreadEvent[] Open =
        [StartedWorkflow, Chose("frontend"), Chose("backend"), Chose("ask"), AskedOf(4), Began(2), AskedOf(2, RequestKind.Child, One), Began(3), AskedOf(3, RequestKind.Child, Two)];

    [Fact]
    public void A_workflow_keeps_the_version_it_started_with() =>
        Spec.Given().When(new StartThread(Nine, "release", "sha256:d1", JsonText.Null, "local", "stdio", Workflow: "2")).Then(
            """{"type":"thread_started","agent":"release","definition":"sha256:d1","input":null,"principal":"local","channel":"stdio","trigger":"message_received","depth":0,"workflow":"2","at":"2026-03-01T09:00:00+00:00"}""");

    [Fact]
    public void A_request_of_a_call_names_it() =>
        Spec.Given(StartedWorkflow, Chose(), Chose("other")).When(new OfCall(new(3), new OpenARequest(Ten, RequestKind.Question, "Which one?"))).Then(
            """{"type":"request_opened","kind":"question","question":"Which one?","answerable_by":"caller","call":3,"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "W.2")]
    [Trait("Accepts", "F5.1")]
    public void A_workflow_is_pending_only_once_it_has_nothing_left_to_do()
    {
        var thread = AgentThread.Fold(Spec.Id, Open);
        Assert.Equal((ThreadStatus.Running, "5 7 9"), (thread.Status, Awaits(thread)));

        thread = Spec.Given(Open).When(new ParkThread(Ten)).Then("""{"type":"thread_parked","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal((ThreadStatus.Pending, "5 7 9"), (thread.Status, Awaits(thread)));

        thread = AgentThread.Evolve(thread, Answered(5, response: "\"the blue one\""));
        Assert.Equal((ThreadStatus.Running, "7 9"), (thread.Status, Awaits(thread)));
        Assert.Equal([One, Two], thread.Children);
    }

    [Fact]
    public void A_workflow_with_something_to_do_does_not_park()
    {
        Spec.Given(StartedWorkflow).When(new ParkThread(Ten)).ThenNothing();
        Spec.Given(StartedWorkflow, Chose(), Chose("other"), AskedOf(2)).When(new ParkThread(Ten)).ThenNothing();
        Spec.Given([.. Open, Parked]).When(new ParkThread(Ten)).ThenNothing();
    }

    [Fact]
    [Trait("Accepts", "R.12")]
    [Trait("Accepts", "D.5")]
    public void The_end_of_a_child_goes_to_the_call_that_waits_for_it_in_whatever_order()
    {
        var thread = Spec.Given([.. Open, Parked]).When(new EndChild(Ten, Two, JsonText.Of("out"), null, new(3, 10))).Then(
            """{"type":"request_answered","request":9,"by":"thr_019ca8f0a4807000800000000000000d","channel":"thread","spent":{"steps":3,"tokens":10},"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"tool_returned","call":3,"result":"out","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal("5 7", Awaits(thread));

        Spec.Given([.. Open, Parked]).When(new EndChild(Ten, Spec.Id, JsonText.Null, null, new(1, 0))).ThenNothing();
    }

    [Fact]
    [Trait("Accepts", "R.8")]
    public void A_failure_is_that_of_the_call_that_failed()
    {
        var thread = Spec.Given(Open).When(new EndChild(Ten, One, null, "the key was refused", new(1, 0))).Then(
            """{"type":"request_answered","request":7,"by":"thr_019ca8f0a4807000800000000000000c","channel":"thread","spent":{"steps":1,"tokens":0},"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"tool_failed","call":2,"error":"the key was refused","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal(["call_3", "call_4"], ((Working)thread.State).Open.Select(open => open.Id.ToString()));
    }

    [Fact]
    [Trait("Accepts", "W.5")]
    public void An_answer_to_one_of_several_has_to_say_which()
    {
        ThreadEvent[] two = [StartedWorkflow, Chose(), Chose("other"), AskedOf(2), AskedOf(3)];
        Spec.Given(two).When(Said.Words("\"blue\"")).ThenRefused(RefusalCode.RequestAmbiguous,
            "2 requests are open; call resume_thread again with the request_id of the one that is answered: "
                + "req_019ca8b9b6007000800000000000000a_4 (question): \"Which one for call 2?\"; req_019ca8b9b6007000800000000000000a_5 (question): \"Which one for call 3?\"");

        var thread = Spec.Given(two).When(Said.Words("\"blue\"") with { Request = new(5) }).Then(
            """{"type":"request_answered","request":5,"by":"mia","channel":"stdio","response":"blue","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal("4", Awaits(thread));
    }

    [Fact]
    [Trait("Accepts", "F6.8")]
    public void The_same_answer_again_to_one_of_several_is_no_event_and_another_is_refused()
    {
        ThreadEvent[] log = [StartedWorkflow, Chose(), Chose("other"), AskedOf(2), AskedOf(3), Answered(5, response: "\"blue\"")];
        Spec.Given(log).When(Said.Words("\"blue\"") with { Request = new(5) }).ThenNothing();
        Spec.Given(log).When(Said.Words("\"red\"") with { Request = new(5) }).ThenRefused(RefusalCode.AlreadyAnswered,
            "req_019ca8b9b6007000800000000000000a_5 was already answered (response: \"blue\") by mia through stdio at 2026-03-01T09:00:00Z; the first answer stands. Call get_thread to see what followed.");
        Spec.Given(log).When(Said.Words("\"red\"") with { Request = new(77) }).ThenRefused(RefusalCode.RequestNotFound,
            "There is no open request req_019ca8b9b6007000800000000000000a_77 in this thread. What is awaited is req_019ca8b9b6007000800000000000000a_4 (question): \"Which one for call 2?\" Answer it with a response.");
    }

    [Fact]
    [Trait("Accepts", "F8.6")]
    public void Each_of_several_is_due_in_its_own_time()
    {
        ThreadEvent[] log = [StartedWorkflow, Chose(), Chose("other"), AskedOf(2, RequestKind.Sleep, due: Ten), AskedOf(3, due: Ten.AddHours(1)), Parked];
        var thread = Spec.Given(log).When(new PassTime(Ten)).Then("""{"type":"sleep_ended","request":4,"at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal("5", Awaits(thread));
        Spec.Given(log).When(new PassTime(Ten.AddHours(1))).Then(
            """{"type":"sleep_ended","request":4,"at":"2026-03-01T11:00:00+00:00"}""", """{"type":"request_expired","request":5,"at":"2026-03-01T11:00:00+00:00"}""");
    }

    [Fact]
    public void While_something_holds_all_of_it_nothing_new_is_chosen_and_what_runs_goes_on()
    {
        var thread = AgentThread.Fold(Spec.Id, [StartedWorkflow, Chose(), Began(), Asked(RequestKind.Budget)]);
        Assert.Throws<InvalidOperationException>(() => ThreadDecider.Decide(thread, new ChooseStep(Ten, "next", JsonText.Null, "workflow")));
        thread = AgentThread.Evolve(AgentThread.Evolve(thread, Returned()), Parked);
        Assert.Equal((ThreadStatus.Pending, "4"), (thread.Status, Awaits(thread)));
        Assert.Equal(new Working([]), AgentThread.Evolve(thread, Answered(4, approved: true)).State);
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public void Cancelling_names_every_step_whose_effect_is_not_known() =>
        Spec.Given(StartedWorkflow, Chose("e2e"), Chose("tag_push"), Began(2), Began(3)).When(new CancelThread(Ten, "mia", "stdio", "too late")).Then(
            """{"type":"thread_cancelled","by":"mia","channel":"stdio","reason":"too late - e2e and tag_push was running; whether it took effect is not known","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F9.3")]
    public void A_no_at_a_limit_names_every_step_whose_effect_is_not_known() =>
        Spec.Given(StartedWorkflow, Chose("e2e"), Chose("pay"), Began(2), Began(3), Asked(RequestKind.Budget)).When(Said.No()).Then(
            """{"type":"request_answered","request":6,"by":"mia","channel":"stdio","approved":false,"at":"2026-03-01T10:00:00+00:00"}""",
            """{"type":"thread_failed","error":"Stopped at a limit: Which one? mia declined to extend it. - e2e and pay was running; whether it took effect is not known","at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F5.3")]
    public void A_workflow_is_copied_where_no_call_of_it_is_in_the_middle()
    {
        Spec.Given(Open).When(new ForkThread(Ten, Spec.Id, "mia", "stdio")).ThenRefused(RefusalCode.InvalidVersion,
            "Version 9 lies in the middle of call_2 (frontend), which waits for thr_019ca8f0a4807000800000000000000c; a copy cannot share it. Fork at version 1, before it was chosen, or fork thr_019ca8f0a4807000800000000000000c.");
        Spec.Given(StartedWorkflow, Chose(), AskedOf(2), Parked).When(new ForkThread(Ten, Spec.Id, "mia", "stdio")).Then(
            """{"type":"thread_forked","from":"thr_019ca8b9b6007000800000000000000a","from_version":4,"by":"mia","channel":"stdio","at":"2026-03-01T10:00:00+00:00"}""");
    }

    [Fact]
    public void A_workflow_that_has_ended_takes_no_further_word() =>
        Spec.Given(StartedWorkflow, Finished).When(Said.Words("\"and now staging\"")).ThenRefused(RefusalCode.ThreadEnded,
            "The thread is completed and takes nothing more. Start a new one, or fork this one at an earlier version with fork_thread.");

    private static string Awaits(AgentThread thread) => string.Join(' ', thread.OpenRequests.Select(open => open.Id.Version));
}
