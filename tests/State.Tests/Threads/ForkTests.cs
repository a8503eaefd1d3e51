using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Threads;

public class ForkTests
{
    private static readonly ThreadId Copy = ThreadId.Parse("thr_019ca8f0a4807000800000000000000b");
    private static readonly ForkThread Fork = new(Ten, Spec.Id, "mia", "stdio");

    [Fact]
    [Trait("Accepts", "F5.3 P.6")]
    public void A_copied_yes_is_not_a_second_yes()
    {
        var fork = Spec.Given(Logs["Approved"]).When(Fork).Then(
            """{"type":"thread_forked","from":"thr_019ca8b9b6007000800000000000000a","from_version":4,"by":"mia","channel":"stdio","at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal("""{"tag":"v1.4.0"}""", Assert.IsType<Chosen>(fork.State).Call.Bound.Text);
    }

    [Fact]
    [Trait("Accepts", "F5.3 P.6")]
    public void A_copied_doubt_about_an_approved_call_does_not_carry_the_yes_along()
    {
        ThreadEvent[] fork = [.. Logs["Waiting in doubt about an approved call"], new ThreadForked(Ten, Spec.Id, 6, "mia", "stdio")];
        var again = AgentThread.Fold(Copy, [.. fork, Answered(6, response: """{"outcome":"run_again"}""")]);
        Assert.Null(Assert.IsType<Chosen>(again.State).Call.Approval);
    }

    [Fact]
    [Trait("Accepts", "F5.3")]
    public void A_fork_in_the_middle_of_a_call_is_refused_with_the_version_to_take() =>
        Spec.Given(Logs["Acting"]).When(Fork).ThenRefused(RefusalCode.InvalidVersion,
            "Version 3 lies in the middle of call_2 (tag_push), whose outcome a copy cannot know. Fork at version 1, before it was chosen.");

    [Fact]
    [Trait("Accepts", "F5.3")]
    public void Answering_the_copy_does_not_answer_the_original()
    {
        var original = ThreadLog.Of(Spec.Id, Logs["Waiting"]);
        var copy = ThreadLog.Of(Copy, original.At(3).Events);
        copy = copy.With(ThreadDecider.Decide(copy.Thread, Fork));
        copy = copy.With(ThreadDecider.Decide(copy.Thread, Said.Yes()));
        Assert.Equal((ThreadStatus.Running, ThreadStatus.Pending), (copy.Thread.Status, original.Thread.Status));
        Assert.Equal((5, 3), (copy.Events.Count, original.Events.Count));
    }

    [Fact]
    [Trait("Accepts", "F5.3")]
    public void A_request_of_the_copy_has_an_id_of_its_own()
    {
        var id = new RequestId(3);
        Assert.Equal(
            ("req_019ca8b9b6007000800000000000000a_3", "req_019ca8f0a4807000800000000000000b_3"),
            (id.In(Spec.Id), id.In(Copy)));
    }

    [Fact]
    [Trait("Accepts", "P.6")]
    public void A_copy_of_a_thread_under_human_is_still_under_human() =>
        Spec.Given(Started, Chose(), AskedApproval(by: AnswerableBy.Human), new ThreadForked(Ten, Spec.Id, 3, "mia", "stdio")).When(Said.Yes()).Then(
            """{"type":"answer_refused","request":3,"by":"mia","channel":"stdio","reason":"only a person may answer this","at":"2026-03-01T10:00:00+00:00"}""");
}
