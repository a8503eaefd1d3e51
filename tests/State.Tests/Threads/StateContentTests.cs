using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;
using static AgentMcp.State.Threads.ThreadState;
using ThreadState = AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Threads;

/// <summary>What each state holds; that it is entered at all is in <see cref="StateMachineTests"/>.</summary>
public class StateContentTests
{
    private static readonly Call TagCall = new(new(2), "tag_push", JsonText.Parse("""{"tag":"v1.4.0"}"""), At: Nine);

    [Fact]
    public void A_chosen_step_becomes_a_call_named_after_its_event() => Assert.Equal(new Chosen(TagCall), Of("Chosen"));

    [Fact]
    public void A_started_call_counts_its_attempts() =>
        Assert.Equal(new Acting(TagCall with { Attempt = 2 }), Of(Started, Chose(), Began(), Began(attempt: 2)));

    [Fact]
    [Trait("Accepts", "P.5")]
    public void An_approved_call_is_given_the_approved_arguments_and_not_the_models()
    {
        var approved = Assert.IsType<Approved>(Of("Approved"));
        Assert.Equal(new Approved(TagCall with { Approval = TagPush }, TagPush), approved);
        Assert.Equal("""{"tag":"v1.4.0","sha":"9f2c1ab"}""", approved.Call.Bound.Text);
        Assert.Equal("""{"tag":"v1.4.0"}""", TagCall.Bound.Text);
    }

    [Fact]
    [Trait("Accepts", "R.1")]
    public void What_was_approved_is_forgotten_when_it_has_to_be_asked_again() =>
        Assert.Equal(TagCall, Assert.IsType<Waiting>(Of([.. Logs["Approved"], AskedApproval()])).Call);

    [Fact]
    public void A_yes_to_an_approval_that_binds_no_action_approves_nothing() =>
        Assert.Equal(new Thinking(), Of(Started, Chose(), Asked(RequestKind.Approval), Answered(3, approved: true)));

    [Fact]
    public void A_step_given_by_the_caller_waits_to_be_read() =>
        Assert.Equal(new Thinking(JsonText.Parse("""{"intent":"done"}""")), Of(Started, Asked(RequestKind.NextStep), Answered(2, response: """{"intent":"done"}""")));

    [Fact]
    [Trait("Accepts", "F8.7")]
    public void A_doubtful_call_that_was_approved_may_run_again_as_it_was_approved() =>
        Assert.Equal(
            new Approved(TagCall with { Approval = TagPush, Attempt = 1 }, TagPush),
            Of([.. Logs["Waiting in doubt about an approved call"], Answered(6, response: """{"outcome":"run_again"}""")]));

    [Fact]
    [Trait("Accepts", "F8.7")]
    public void A_doubtful_call_that_needed_no_approval_is_merely_chosen_again() =>
        Assert.Equal(new Chosen(TagCall with { Attempt = 1 }), Of([.. Logs["Waiting in doubt"], Answered(4, response: """{"outcome":"run_again"}""")]));

    [Theory]
    [InlineData("""{"outcome":"done","result":1}""", "Acting")]
    [InlineData("""{"outcome":"skip"}""", "Thinking")]
    [Trait("Accepts", "F8.7")]
    public void A_doubtful_call_is_done_or_left_as_the_answer_says(string answer, string state) =>
        Assert.Equal(state, Of([.. Logs["Waiting in doubt"], Answered(4, response: answer)]).GetType().Name);

    [Fact]
    public void A_child_that_answered_leaves_its_call_open_for_the_result() =>
        Assert.Equal(new Acting(TagCall with { Attempt = 1 }), Of([.. Logs["Waiting for a child"], Answered(4, response: "1")]));

    [Fact]
    public void Endings_hold_their_output_error_or_reason()
    {
        Assert.Equal(new Completed(JsonText.Parse("""{"message":"shipped"}""")), Of("Completed"));
        Assert.Equal(new Failed("the key was refused"), Of("Failed"));
        Assert.Equal(new Cancelled("too late in the day"), Of("Cancelled"));
    }

    private static ThreadState Of(string log) => Of(Logs[log]);

    private static ThreadState Of(params ThreadEvent[] log) => AgentThread.Fold(Spec.Id, log).State;
}
