using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

/// <summary>What may be asked of a thread. Time comes in with the command; the decider reads no clock.</summary>
public abstract record ThreadCommand(DateTimeOffset At);

public sealed record StartThread(
    DateTimeOffset At, string Agent, string Definition, JsonText Input, string Principal, string Channel, string Trigger = "message_received",
    ThreadId? Parent = null, CallId? ParentCall = null, ThreadId? Root = null, int Depth = 0, Inherited? Inherited = null,
    string? Workflow = null, string? Trace = null, string? TraceState = null) : ThreadCommand(At);

public sealed record ChooseStep(DateTimeOffset At, string Intent, JsonText Arguments, string Model, Usage? Usage = null) : ThreadCommand(At);

public sealed record RejectStep(DateTimeOffset At, string Reason, string Model, string? Reply = null, Usage? Usage = null) : ThreadCommand(At);

public sealed record StartTool(DateTimeOffset At) : ThreadCommand(At);

/// <param name="Cached">Set when the tool did not have to run: the call ends before it began.</param>
public sealed record ReturnTool(DateTimeOffset At, JsonText Result, Cached? Cached = null) : ThreadCommand(At);

public sealed record FailTool(DateTimeOffset At, string Error) : ThreadCommand(At);

/// <summary>Parks the thread. <paramref name="DueAt"/> is when a sleep ends or another request expires.</summary>
public sealed record OpenARequest(
    DateTimeOffset At, RequestKind Kind, string Question, string? Context = null, JsonText? Schema = null,
    IReadOnlyList<ResponseOption>? Options = null, BoundAction? Action = null,
    AnswerableBy AnswerableBy = AnswerableBy.Caller, DateTimeOffset? DueAt = null,
    JsonText? Changes = null, IReadOnlyList<string>? Responders = null, Reach? Reach = null, ThreadId? Child = null, Leave? Leave = null,
    IReadOnlyList<string>? Gone = null, Relay? Relay = null) : ThreadCommand(At);

/// <summary>An answer, or a word to a completed thread. Who gives it comes from the connection, never from its text.</summary>
/// <param name="Request">May be left out while exactly one request is open.</param>
/// <param name="Arguments">With a yes: what is to run in place of the arguments that were asked for.</param>
/// <param name="Today">The hash of the definition the thread would migrate to.</param>
public sealed record Answer(
    DateTimeOffset At, Responder From, RequestId? Request = null,
    bool? Approved = null, JsonText? Response = null, string? Comment = null, JsonText? Arguments = null, string? Today = null) : ThreadCommand(At);

/// <summary>A child has ended; it matters to the call that waits for exactly this one.</summary>
/// <param name="Output">What it gave; null when it failed or was cancelled.</param>
public sealed record EndChild(DateTimeOffset At, ThreadId Child, JsonText? Output, string? Error, Spent Spent) : ThreadCommand(At)
{
    public const string Channel = "thread";
}

/// <summary>Somebody was asked and closed the form without an answer.</summary>
public sealed record LeaveOpen(DateTimeOffset At, RequestId Request, string By, string Channel, string Reason) : ThreadCommand(At);

/// <param name="IsHuman">The channel itself vouches for a person: a terminal, an inbox; not a tool call.</param>
/// <param name="Policy">The server's own strictness, which a stored request cannot weaken.</param>
/// <param name="IsModel">The channel brings what a model said when it was asked for a step. It is taken as it is, and answers nothing else.</param>
public sealed record Responder(string By, string Channel, bool IsHuman = false, AnswerableBy Policy = AnswerableBy.Caller, bool IsModel = false);

/// <summary>A channel could not be reached. Nothing but the log changes.</summary>
public sealed record ReportFailedDelivery(DateTimeOffset At, RequestId Request, string Channel, string Error) : ThreadCommand(At);

/// <summary>Time has passed: ends a sleep or expires a request that is due.</summary>
public sealed record PassTime(DateTimeOffset At) : ThreadCommand(At);

/// <summary>What is meant for one of the open calls of a workflow.</summary>
public sealed record OfCall(CallId Call, ThreadCommand Command) : ThreadCommand(Command.At);

/// <summary>The workflow has nothing to do until something it waits for moves.</summary>
public sealed record ParkThread(DateTimeOffset At) : ThreadCommand(At);

/// <param name="Channels">Those that are told of it, besides where the thread came from.</param>
public sealed record CompleteThread(DateTimeOffset At, JsonText Output, IReadOnlyList<string>? Channels = null) : ThreadCommand(At);

public sealed record FailThread(DateTimeOffset At, string Error) : ThreadCommand(At);

public sealed record CancelThread(DateTimeOffset At, string By, string Channel, string? Reason = null) : ThreadCommand(At);

public sealed record ForkThread(DateTimeOffset At, ThreadId From, string By, string Channel) : ThreadCommand(At);
