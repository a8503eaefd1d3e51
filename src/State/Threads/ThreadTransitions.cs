using AgentMcp.State.Json;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Threads;

/// <summary>Where each event leads: the table of docs/threads.md, arrow for arrow. Pure.</summary>
internal static class ThreadTransitions
{
    /// <exception cref="InvalidDataException">The event cannot happen in this state.</exception>
    public static ThreadState Next(ThreadState state, ThreadEvent happened, int version) => (state, happened) switch
    {
        (NotStarted, ThreadStarted { Workflow: not null }) => new Working([]),
        (NotStarted, ThreadStarted) => new Thinking(),
        (Thinking, StepChosen e) => new Chosen(new Call(new CallId(version), e.Intent, e.Arguments, At: e.At)),
        (Thinking, StepRejected) => new Thinking(),
        (Thinking, Fetched or Summarised or DefinitionChanged) => state,
        (Thinking, RequestOpened e) => new Waiting(new(new(version), e), null),

        (Chosen s, StepJudged e) when e.Call == s.Call.Id => e.Verdict == Verdict.Fail ? new Thinking() : new Chosen(s.Call with { Judged = e.Verdict }),
        (Chosen, ToolReturned { Cached: not null }) => new Thinking(),
        (Chosen s, RequestOpened e) => new Waiting(new(new(version), e), s.Call),
        (Chosen s, ToolStarted e) => Begin(s.Call, e),
        (Chosen, ToolFailed) => new Thinking(),
        (Chosen, ThreadCompleted e) => new Completed(e.Output),

        // The world changed between the yes and the run: what was approved no longer holds, so it is asked again.
        (Approved s, RequestOpened e) => new Waiting(new(new(version), e), s.Call with { Approval = null }),
        (Approved s, ToolStarted e) => Begin(s.Call, e),
        (Approved, ToolFailed) => new Thinking(),

        (Acting s, ToolStarted e) => Begin(s.Call, e),
        (Acting, ToolReturned or ToolFailed) => new Thinking(),
        (Acting s, RequestOpened e) => new Waiting(new(new(version), e), s.Call),

        (Waiting { Request.Asked.Relay: not null } s, RequestAnswered or RequestExpired or RequestWithdrawn) when Relaying.Settle(s, happened) is { } call => new Resuming(call),
        (Resuming s, ToolStarted e) => Begin(s.Call, e),
        (Resuming, ToolFailed) => new Thinking(),

        (Waiting s, RequestAnswered e) when e.Request == s.Request.Id => After(s, e),
        (Waiting s, RequestExpired e) when e.Request == s.Request.Id => new Thinking(),
        (Waiting s, SleepEnded e) when e.Request == s.Request.Id => new Thinking(),

        (Working s, not (ThreadFailed or ThreadCancelled or AnswerRefused or DeliveryFailed)) => OpenCalls.Next(s, happened, version),
        (Completed, MessageReceived) => new Thinking(),
        (Thinking or Chosen or Approved or Acting or Resuming or Working { IsParked: false }, ThreadFailed e) => new Failed(e.Error),
        (not (NotStarted or Completed or Failed or Cancelled), ThreadCancelled e) => new Cancelled(e.Reason),

        // A copied yes is not a second yes.
        (Approved s, ThreadForked) => new Chosen(s.Call with { Approval = null }),
        (Waiting { Call: { } call } s, ThreadForked) => s with { Call = call with { Approval = null, Relayed = null } },
        (not NotStarted, ThreadForked or AnswerRefused or DeliveryFailed) => state,
        _ => throw Impossible(state, happened, version),
    };

    public static InvalidDataException Impossible(ThreadState state, ThreadEvent happened, int version) =>
        new($"Event {version} ({happened.GetType().Name}) cannot happen to a thread that is {state.GetType().Name}.");

    private static Acting Begin(Call call, ToolStarted e) => e.Call == call.Id
        ? new(call with { Attempt = e.Attempt })
        : throw new InvalidDataException($"{e.Call} was started while {call.Id} is the open call.");

    private static Approved Approve(Call call, BoundAction action, DateTimeOffset at) => new(call with { Approval = action, At = at }, action);

    private static ThreadState After(Waiting waiting, RequestAnswered answer) => (waiting.Request.Asked.Kind, waiting.Call) switch
    {
        (RequestKind.Approval, { } call) when answer.Approved == true && waiting.Request.Asked.Action is { } action =>
            Approve(call, answer.Arguments is { } changed ? ActionDigest.Bind(action.Tool, changed) : action, answer.At),
        (RequestKind.InDoubt, { } call) => InDoubtAnswer.Of(answer.Response) switch
        {
            InDoubtAnswer.RunAgain when call.Approval is { } approval => new Approved(call, approval),
            InDoubtAnswer.RunAgain => new Chosen(call),
            InDoubtAnswer.Skip => new Thinking(),
            _ => new Acting(call),
        },
        (RequestKind.ExternalResult or RequestKind.Child, { } call) => new Acting(call),
        (RequestKind.NextStep, _) => new Thinking(answer.Response),
        _ => new Thinking(),
    };
}
