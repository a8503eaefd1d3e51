using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class FoldTests
{
    [Theory]
    [InlineData("Thinking", ThreadStatus.Running)]
    [InlineData("Chosen", ThreadStatus.Running)]
    [InlineData("Approved", ThreadStatus.Running)]
    [InlineData("Acting", ThreadStatus.Running)]
    [InlineData("Waiting", ThreadStatus.Pending)]
    [InlineData("Waiting for the time", ThreadStatus.Pending)]
    [InlineData("Completed", ThreadStatus.Completed)]
    [InlineData("Failed", ThreadStatus.Failed)]
    [InlineData("Cancelled", ThreadStatus.Cancelled)]
    [Trait("Accepts", "F5.1 W.2")]
    public void The_status_is_one_of_five_words_and_requests_are_open_only_while_pending(string log, ThreadStatus status)
    {
        var thread = AgentThread.Fold(Spec.Id, Logs[log]);
        Assert.Equal(
            (status, Logs[log].Length, status == ThreadStatus.Pending ? 1 : 0, status is not (ThreadStatus.Running or ThreadStatus.Pending)),
            (thread.Status, thread.Version, thread.OpenRequests.Count, thread.IsFinal));
    }

    [Fact]
    [Trait("Accepts", "F5.1")]
    public void Turns_tokens_and_the_model_are_counted_from_the_log()
    {
        var thread = AgentThread.Fold(Spec.Id,
            [Started, Misstepped(), Chose(usage: new(100, 20)), Began(3), Returned(3), new StepChosen(Nine, "done", default, "anthropic:claude", new(200, 30))]);
        Assert.Equal((3, new Usage(300, 50), "anthropic:claude"), (thread.Steps, thread.Usage, thread.Model));
    }

    [Fact]
    [Trait("Accepts", "F9.4")]
    public void Errors_in_a_row_are_kept_in_order_until_a_tool_succeeds()
    {
        ThreadEvent[] failing = [Started, Misstepped("not JSON"), Chose(), Began(3), ToolBroke(3, "hung up")];
        Assert.Equal(["not JSON", "hung up"], AgentThread.Fold(Spec.Id, failing).ErrorsInRow);
        Assert.Empty(AgentThread.Fold(Spec.Id, [.. failing, Chose(), Began(6), Returned(6)]).ErrorsInRow);
    }

    [Fact]
    [Trait("Accepts", "F9.4")]
    public void A_human_answer_clears_the_errors() =>
        Assert.Empty(AgentThread.Fold(Spec.Id, [Started, Misstepped(), Asked(), Answered(3, response: "\"go on\"")]).ErrorsInRow);

    [Fact]
    [Trait("Accepts", "F9.4")]
    public void A_step_from_the_caller_clears_no_error_and_extends_no_budget()
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Misstepped(), Asked(RequestKind.NextStep), Answered(3, response: "{}")]);
        Assert.Equal((1, 1), (thread.ErrorsInRow.Count, thread.Steps));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public void Leave_to_go_on_starts_the_count_of_turns_anew_and_another_answer_does_not()
    {
        Assert.Equal(0, AgentThread.Fold(Spec.Id, [Started, Misstepped(), Asked(RequestKind.Budget), Answered(3, approved: true)]).Steps);
        Assert.Equal(1, AgentThread.Fold(Spec.Id, [Started, Misstepped(), Asked(), Answered(3, response: "1")]).Steps);
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public void Leave_to_go_on_covers_the_tokens_used_so_far()
    {
        ThreadEvent[] log = [Started, Chose(usage: new(100, 20)), Asked(RequestKind.Budget)];
        Assert.Equal(new Spent(1, 120), AgentThread.Fold(Spec.Id, log).Accounts.Own);
        Assert.Equal(Spent.Nothing, AgentThread.Fold(Spec.Id, [.. log, Answered(3, approved: true)]).Accounts.Own);
    }

    [Fact]
    [Trait("Accepts", "F7.6")]
    public void A_message_to_a_completed_thread_starts_turns_and_errors_anew()
    {
        var thread = AgentThread.Fold(Spec.Id, [Started, Misstepped(), Chose("done"), Finished, new MessageReceived(Ten, default, "mia", "stdio")]);
        Assert.Equal((0, 0, ThreadStatus.Running, Ten), (thread.Steps, thread.ErrorsInRow.Count, thread.Status, thread.UpdatedAt));
    }

    [Fact]
    [Trait("Accepts", "F12.3")]
    public void A_log_that_grew_leaves_the_shorter_one_as_it_was()
    {
        var one = ThreadLog.Of(Spec.Id, [Started]);
        var left = one.With([Chose("left")]);
        var right = one.With([Chose("right")]);
        var longer = left.With([Began()]);
        Assert.Equal(["1: Started", "2: left", "2: right", "3: left"],
            [$"{one.Events.Count}: {(one.Events[^1] is ThreadStarted ? "Started" : "?")}", .. new[] { left, right, longer }.Select(log => $"{log.Events.Count}: {((StepChosen)log.Events[1]).Intent}")]);
        Assert.Equal((1, 2, 2, 3), (one.Thread.Version, left.Thread.Version, right.Thread.Version, longer.Thread.Version));
        Assert.Throws<ArgumentOutOfRangeException>(() => one.Events[1]);
        Assert.Equal([Started], longer.At(1).Events);
    }

    [Fact]
    public void Logs_that_grow_from_one_prefix_at_once_never_mix()
    {
        var shared = ThreadLog.Of(Spec.Id, [Started]);
        var grown = new ThreadLog[200];
        Parallel.For(0, grown.Length, i => grown[i] = shared.With([Chose($"intent_{i}")]).With([Began()]));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"intent_{i} 3"), grown.Select(log => $"{((StepChosen)log.Events[1]).Intent} {log.Events.Count}"));
        Assert.Equal([Started], shared.Events);
    }
}
