using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Threads;

/// <summary>
/// What a command makes happen, given where the thread stands: the events, none for a repetition, or a refusal.
/// Pure: no clock, no store, no model.
/// </summary>
public static class ThreadDecider
{
    /// <exception cref="RefusedException">The command cannot be carried out; the thread is as it was.</exception>
    public static IReadOnlyList<ThreadEvent> Decide(AgentThread thread, ThreadCommand command) => (thread.State, command) switch
    {
        (NotStarted, StartThread c) =>
            [new ThreadStarted(c.At, c.Agent, c.Definition, c.Input, c.Principal, c.Channel, c.Trigger, c.Parent, c.ParentCall, c.Root, c.Depth, c.Inherited, c.Workflow, c.Trace, c.TraceState)],

        (Thinking, ChooseStep c) => [new StepChosen(c.At, c.Intent, c.Arguments, c.Model, c.Usage)],
        (Thinking, AddFacts c) => [.. c.Facts.Select(fact => new Fetched(c.At, fact.Intent, fact.Arguments, fact.Result, fact.Error))],
        (Thinking, Summarise c) => [new Summarised(c.At, c.From, c.To, c.Text, c.Model, c.Usage, c.Error)],
        (Chosen s, JudgeStep c) => [new StepJudged(c.At, s.Call.Id, c.Verdict, c.Reason, c.Model, c.Usage)],
        (Thinking, RejectStep c) => [new StepRejected(c.At, c.Reason, c.Model, c.Reply, c.Usage)],

        (Chosen s, StartTool c) => [new ToolStarted(c.At, s.Call.Id, s.Call.Attempt + 1)],
        (Approved s, StartTool c) => [new ToolStarted(c.At, s.Call.Id, s.Call.Attempt + 1)],
        (Acting s, StartTool c) => [new ToolStarted(c.At, s.Call.Id, s.Call.Attempt + 1)],
        (Resuming s, StartTool c) => [new ToolStarted(c.At, s.Call.Id, s.Call.Attempt + 1)],
        (Acting s, ReturnTool c) => [new ToolReturned(c.At, s.Call.Id, c.Result)],
        (Chosen s, ReturnTool { Cached: { } cached } c) => [new ToolReturned(c.At, s.Call.Id, c.Result, cached)],
        (Chosen s, FailTool c) => [new ToolFailed(c.At, s.Call.Id, c.Error)],
        (Approved s, FailTool c) => [new ToolFailed(c.At, s.Call.Id, c.Error)],
        (Resuming s, FailTool c) => [new ToolFailed(c.At, s.Call.Id, c.Error)],
        (Acting s, FailTool c) => [new ToolFailed(c.At, s.Call.Id, c.Error)],

        (Thinking or Chosen or Approved or Acting, OpenARequest c) =>
            [Opened(c)],
        (not NotStarted, Answer c) => AnswerRules.Decide(thread, c),
        (Waiting { Call: { } call } s, EndChild c) when s.Request.Asked.Child == c.Child =>
            [new RequestAnswered(c.At, s.Request.Id, c.Child.Value, EndChild.Channel, Spent: c.Spent), c.Output is { } output ? new ToolReturned(c.At, call.Id, output) : new ToolFailed(c.At, call.Id, c.Error!)],
        (not (NotStarted or Working), EndChild) => [],
        (not NotStarted, ReportFailedDelivery c) => [new DeliveryFailed(c.At, c.Request, c.Channel, c.Error)],
        (Waiting or Working, LeaveOpen c) when thread.OpenRequests.Any(open => open.Id == c.Request) => [new AnswerRefused(c.At, c.Request, c.By, c.Channel, c.Reason)],
        (not NotStarted, LeaveOpen) => [],
        (Waiting { Request.Asked.Relay: not null } s, WithdrawRequest c) when s.Request.Id == c.Request => [new RequestWithdrawn(c.At, c.Request, c.Reason)],
        (not (NotStarted or Working), WithdrawRequest) => [],
        (Working s, _) => WorkflowDecider.Decide(thread, s, command),
        (Waiting s, PassTime c) => Due(s.Request, c.At),
        (_, PassTime) => [],

        (Chosen, CompleteThread c) => [new ThreadCompleted(c.At, c.Output, c.Channels)],
        (Acting s, FailThread c) => [new ThreadFailed(c.At, Reason(c.Error, [s])!)],
        (Thinking or Chosen or Approved or Resuming, FailThread c) => [new ThreadFailed(c.At, c.Error)],
        (Completed or Failed or Cancelled, CancelThread) => [],
        (Acting s, CancelThread c) => [new ThreadCancelled(c.At, c.By, c.Channel, Reason(c.Reason, [s]))],
        (not NotStarted, CancelThread c) => [new ThreadCancelled(c.At, c.By, c.Channel, c.Reason)],
        (Acting s, ForkThread) => throw new RefusedException(RefusalCode.InvalidVersion,
            $"Version {thread.Version} lies in the middle of {s.Call.Id} ({s.Call.Intent}), whose outcome a copy cannot know. Fork at version {s.Call.Id.Version - 1}, before it was chosen."),
        (Resuming s, ForkThread) => throw Relaying.MiddleOf(thread, s.Call),
        (Waiting { Request.Asked.Relay: not null, Call: { } call }, ForkThread) => throw Relaying.MiddleOf(thread, call),
        (Waiting { Request.Asked.Child: { } child, Call: { } call }, ForkThread) => throw new RefusedException(RefusalCode.InvalidVersion,
            $"Version {thread.Version} lies in the middle of {call.Id} ({call.Intent}), which waits for {child}; a copy cannot share it. Fork at version {call.Id.Version - 1}, before it was chosen, or fork {child}."),
        (not NotStarted, ForkThread c) => [new ThreadForked(c.At, c.From, thread.Version, c.By, c.Channel)],

        (NotStarted, _) => throw new RefusedException(RefusalCode.ThreadNotFound, $"There is no thread {thread.Id}."),
        (Completed or Failed or Cancelled, _) => throw Ended(thread),
        _ => throw new InvalidOperationException($"{command.GetType().Name} makes no sense for a thread that is {thread.State.GetType().Name}."),
    };

    internal static RefusedException Ended(AgentThread thread) => new(RefusalCode.ThreadEnded,
        $"The thread is {WireName.Of(thread.Status)} and takes nothing more. Start a new one, or fork this one at an earlier version with fork_thread.");

    internal static RequestOpened Opened(OpenARequest c) =>
        new(c.At, c.Kind, c.Question, c.Context, c.Schema, c.Options, c.Action, c.AnswerableBy, c.DueAt, c.Changes, c.Responders, c.Reach, c.Child, c.Leave, Gone: c.Gone, Relay: c.Relay);

    /// <summary>Why a thread was cancelled or failed, and what nobody can know any more.</summary>
    internal static string? Reason(string? said, IEnumerable<Acting> running) => string.Join(" and ", running.Select(run => run.Call.Intent)) is { Length: > 0 } intents
        ? $"{(said is null ? "" : said + " - ")}{intents} was running; whether it took effect is not known"
        : said;

    internal static IReadOnlyList<ThreadEvent> Due(OpenRequest open, DateTimeOffset now) => open.Asked switch
    {
        { DueAt: null } => [],
        { DueAt: { } due } when due > now => [],
        { Kind: RequestKind.Sleep } => [new SleepEnded(now, open.Id)],
        _ => [new RequestExpired(now, open.Id)],
    };
}
