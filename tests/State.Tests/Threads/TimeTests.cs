using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Threads;

public class TimeTests
{
    [Fact]
    [Trait("Accepts", "F8.6")]
    public void A_sleep_ends_when_its_time_has_come() =>
        Spec.Given(Logs["Waiting for the time"]).When(new PassTime(Ten)).Then("""{"type":"sleep_ended","request":2,"at":"2026-03-01T10:00:00+00:00"}""");

    [Fact]
    [Trait("Accepts", "F8.6")]
    public void A_sleep_does_not_end_a_moment_early() => Spec.Given(Logs["Waiting for the time"]).When(new PassTime(Ten.AddTicks(-1))).ThenNothing();

    [Fact]
    [Trait("Accepts", "F8.6")]
    public void A_sleep_fires_once()
    {
        ThreadEvent[] awake = [.. Logs["Waiting for the time"], new SleepEnded(Ten, new(2))];
        Spec.Given(awake).When(new PassTime(Ten.AddHours(1))).ThenNothing();
    }

    [Fact]
    public void A_sleep_may_be_ended_early_with_or_without_words()
    {
        Spec.Given(Logs["Waiting for the time"]).When(Said.By(Said.Mia))
            .Then("""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","at":"2026-03-01T10:00:00+00:00"}""");
        Spec.Given(Logs["Waiting for the time"]).When(Said.Words("\"it is up\""))
            .Then("""{"type":"request_answered","request":2,"by":"mia","channel":"stdio","response":"it is up","at":"2026-03-01T10:00:00+00:00"}""");
    }

    [Fact]
    public void A_request_without_an_expiry_waits_for_ever() => Spec.Given(Logs["Waiting"]).When(new PassTime(DateTimeOffset.MaxValue)).ThenNothing();

    [Fact]
    [Trait("Accepts", "7.7")]
    public void An_expired_approval_leads_back_to_thinking_and_never_to_the_call()
    {
        var thread = Spec.Given(Started, Chose(), AskedApproval(due: Ten)).When(new PassTime(Ten))
            .Then("""{"type":"request_expired","request":3,"at":"2026-03-01T10:00:00+00:00"}""");
        Assert.Equal(new Thinking(), thread.State);
    }

    [Fact]
    [Trait("Accepts", "7.7")]
    public void A_yes_that_comes_after_the_expiry_is_refused_even_before_anyone_noted_it() =>
        Spec.Given(Started, Chose(), AskedApproval(due: Ten)).When(Said.Yes()).ThenRefused(RefusalCode.NothingPending,
            "req_019ca8b9b6007000800000000000000a_3 expired at 2026-03-01T10:00:00Z and takes no answer any more. The thread goes on without one; call wait_thread to see how.");

    [Fact]
    public void A_yes_just_before_the_expiry_counts()
    {
        var thread = Spec.Given(Started, Chose(), AskedApproval(due: Ten.AddTicks(1))).When(Said.Yes())
            .Then("""{"type":"request_answered","request":3,"by":"mia","channel":"stdio","approved":true,"at":"2026-03-01T10:00:00+00:00"}""");
        Assert.IsType<Approved>(thread.State);
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public void A_yes_for_a_request_that_expired_answers_no_later_one() =>
        Spec.Given(Started, Chose(), AskedApproval(due: Ten), new RequestExpired(Ten, new(3)), Chose(), AskedApproval()).When(Said.Yes(request: 3))
            .ThenRefused(RefusalCode.RequestNotFound,
                "There is no open request req_019ca8b9b6007000800000000000000a_3 in this thread. What is awaited is req_019ca8b9b6007000800000000000000a_6 (approval): \"Push tag v1.4.0?\" Answer it with approved true or false, and an optional comment.");
}
