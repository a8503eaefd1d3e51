using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

/// <summary>What is counted towards limits, and what leave changes. All of it follows from the log.</summary>
[Trait("Accepts", "F10.1")]
public class AccountTests
{
    private static readonly Usage Known = new(1000, 100, 400, 2_500);

    private static StepRejected Turn(int second, Usage? usage = null) => new(Nine.AddSeconds(second), "no step", "anthropic:claude", Usage: usage);

    private static RequestOpened Asks(int second, Leave? leave) => new(Nine.AddSeconds(second), RequestKind.Budget, "May it go on?", Leave: leave);

    private static RequestAnswered Yes(int second, int request) => new(Nine.AddSeconds(second), new(request), "mia", "stdio", true);

    [Fact]
    public void Tokens_cost_and_running_time_are_added_up_and_steps_without_a_price_are_told_apart()
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Turn(2, Known), Turn(5, new(10, 1)), Turn(9, Known)]);

        Assert.Equal(new Spent(3, 2211, 5_000, 9_000), thread.Accounts.Own);
        Assert.Equal((new Usage(2010, 201, 800, 5_000), 1), (thread.Usage, thread.UnpricedSteps));
    }

    [Fact]
    public void What_it_waits_for_people_is_no_running_time_and_neither_is_the_time_until_a_copy_is_made()
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Turn(2), Asks(3, new(Limit.Time, Own: 3_000)), Yes(3600, 3), Turn(3604)]);
        Assert.Equal(7_000, thread.Accounts.Used.Milliseconds);

        Assert.Equal(7_000, AgentThread.Evolve(thread, new ThreadForked(Nine.AddDays(3), Spec.Id, 5, "mia", "stdio")).Accounts.Used.Milliseconds);
    }

    [Fact]
    public void A_clock_that_went_back_takes_no_time_away() =>
        Assert.Equal(2_000, AgentThread.Fold(Spec.Id, [Started, Turn(2), Turn(1)]).Accounts.Used.Milliseconds);

    [Theory]
    [InlineData(Limit.Steps, 1, 1100, 2_500, 2_000)]
    [InlineData(Limit.Tokens, 2, 1099, 2_500, 2_000)]
    [InlineData(Limit.Cost, 2, 1100, 2_499, 2_000)]
    [InlineData(Limit.Time, 2, 1100, 2_500, 1_999)]
    public void Leave_extends_the_limit_that_was_reached_by_what_was_asked_and_no_other(Limit limit, long steps, long tokens, long cost, long time)
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Turn(1, Known), Turn(2), Asks(2, new(limit, Own: 1)), Yes(50, 4)]);

        Assert.Equal((new Spent(steps, tokens, cost, time), new Spent(2, 1100, 2_500, 2_000)), (thread.Accounts.Own, thread.Accounts.Above));
    }

    [Fact]
    public void A_no_gives_no_leave()
    {
        RequestAnswered no = new(Nine.AddSeconds(50), new(3), "mia", "stdio", false);
        var asked = AgentThread.Fold(Spec.Id, [Started, Turn(1, Known), Asks(1, new(Limit.Steps, Own: 5, Callers: 5, Unpriced: true))]);

        Assert.Equal(asked.Accounts, AgentThread.Evolve(asked, no).Accounts);
        // Nor where the request does not say what it gives.
        asked = AgentThread.Fold(Spec.Id, [Started, Turn(1, Known), Asks(1, null)]);
        Assert.Equal(asked.Accounts, AgentThread.Evolve(asked, no).Accounts);
    }

    [Fact]
    public void Leave_for_a_limit_of_the_callers_is_none_for_its_own()
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Turn(1, Known), Asks(1, new(Limit.Tokens, Callers: 5000)), Yes(50, 3)]);

        Assert.Equal((1100, -3900), (thread.Accounts.Own.Tokens, thread.Accounts.Above.Tokens));
    }

    [Fact]
    public void Leave_to_try_again_or_to_leave_a_cost_uncounted_extends_nothing()
    {
        var tried = AgentThread.Fold(Spec.Id, [Started, Turn(1, Known), Asks(1, Leave.ToTryAgain), Yes(50, 3)]);
        Assert.Equal((new Spent(1, 1100, 2_500, 1_000), false), (tried.Accounts.Own, tried.Accounts.Unpriced));

        var uncounted = AgentThread.Fold(Spec.Id, [Started, Turn(1, Known), Asks(1, new(Limit.Cost, Unpriced: true)), Yes(50, 3)]);
        Assert.Equal(tried.Accounts with { Unpriced = true }, uncounted.Accounts);
    }

    [Fact]
    [Trait("Accepts", "F7.6")]
    public void Turns_begin_anew_when_a_completed_thread_is_spoken_to_and_money_does_not()
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Turn(1, Known), new StepChosen(Nine.AddSeconds(2), "done", default, "rules"), Finished, new MessageReceived(Ten, default, "mia", "stdio")]);

        Assert.Equal((0, 2_500), (thread.Accounts.Own.Steps, thread.Accounts.Own.Microdollars));
    }

    [Fact]
    [Trait("Accepts", "F5.2")]
    public void What_is_nothing_is_not_written_and_what_is_something_can_be_read_again()
    {
        Assert.Equal("""{"type":"step_rejected","reason":"no step","model":"anthropic:claude","usage":{"input_tokens":1000,"output_tokens":100,"cached_tokens":400,"microdollars":2500},"at":"2026-03-01T09:00:01+00:00"}""", ThreadJson.Write(Turn(1, Known)));
        Assert.Equal("""{"type":"request_opened","kind":"budget","question":"May it go on?","answerable_by":"caller","leave":{"limit":"tokens","own":5000},"at":"2026-03-01T09:00:01+00:00"}""", ThreadJson.Write(Asks(1, new(Limit.Tokens, Own: 5000))));

        ThreadEvent[] events = [Turn(1, Known), Asks(1, new(Limit.Cost, 1, 2, true)), new RequestAnswered(Ten, new(4), "thr", "thread", Spent: new(1, 2, 3, 4)), new RequestAnswered(Ten, new(4), "thr", "thread", Spent: new(1, 2))];
        Assert.Equal(events, events.Select(happened => ThreadJson.Read(ThreadJson.Write(happened))));
    }
}
