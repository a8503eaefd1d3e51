using System.Text.Json.Serialization;
using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

/// <summary>
/// What happened to a thread. The union is closed and the names below are the storage contract: a name, once
/// released, keeps its meaning for ever; a changed shape gets a new name. Every event has a row in docs/threads.md.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ThreadStarted), "thread_started")]
[JsonDerivedType(typeof(StepChosen), "step_chosen")]
[JsonDerivedType(typeof(StepRejected), "step_rejected")]
[JsonDerivedType(typeof(ToolStarted), "tool_started")]
[JsonDerivedType(typeof(ToolReturned), "tool_returned")]
[JsonDerivedType(typeof(ToolFailed), "tool_failed")]
[JsonDerivedType(typeof(RequestOpened), "request_opened")]
[JsonDerivedType(typeof(RequestAnswered), "request_answered")]
[JsonDerivedType(typeof(RequestExpired), "request_expired")]
[JsonDerivedType(typeof(SleepEnded), "sleep_ended")]
[JsonDerivedType(typeof(RequestWithdrawn), "request_withdrawn")]
[JsonDerivedType(typeof(AnswerRefused), "answer_refused")]
[JsonDerivedType(typeof(DeliveryFailed), "delivery_failed")]
[JsonDerivedType(typeof(MessageReceived), "message_received")]
[JsonDerivedType(typeof(ThreadCompleted), "thread_completed")]
[JsonDerivedType(typeof(ThreadFailed), "thread_failed")]
[JsonDerivedType(typeof(ThreadCancelled), "thread_cancelled")]
[JsonDerivedType(typeof(ThreadForked), "thread_forked")]
[JsonDerivedType(typeof(ThreadParked), "thread_parked")]
[JsonDerivedType(typeof(DefinitionChanged), "definition_changed")]
[JsonDerivedType(typeof(Fetched), "fetched")]
[JsonDerivedType(typeof(StepJudged), "step_judged")]
[JsonDerivedType(typeof(Summarised), "summarised")]
public abstract record ThreadEvent(DateTimeOffset At);

/// <param name="Definition">Hash of the definition the thread runs under, unless it is asked and changes it.</param>
/// <param name="Trigger">The tag the input is rendered under, such as <c>message_received</c>.</param>
/// <param name="Inherited">What a child takes over from the call that started it; null for a thread that nobody called.</param>
/// <param name="Workflow">The version of the workflow whose code chooses the steps; null where a model does.</param>
/// <param name="Trace">The trace that the thread belongs to, as a W3C traceparent; null where nobody traces.</param>
/// <param name="TraceState">What vendors on the way to it noted of that trace (W3C tracestate); null for nothing.</param>
public sealed record ThreadStarted(
    DateTimeOffset At, string Agent, string Definition, JsonText Input, string Principal, string Channel, string Trigger,
    ThreadId? Parent = null, CallId? ParentCall = null, ThreadId? Root = null, int Depth = 0, Inherited? Inherited = null,
    string? Workflow = null, string? Trace = null, string? TraceState = null) : ThreadEvent(At);

/// <summary>One decision: an intent with arguments, and what it cost to make.</summary>
public sealed record StepChosen(
    DateTimeOffset At, string Intent, JsonText Arguments, string Model, Usage? Usage = null) : ThreadEvent(At);

/// <summary>A reply that was no step: it ran nothing and counts as an error.</summary>
public sealed record StepRejected(
    DateTimeOffset At, string Reason, string Model, string? Reply = null, Usage? Usage = null) : ThreadEvent(At);

public sealed record ToolStarted(DateTimeOffset At, CallId Call, int Attempt) : ThreadEvent(At);

/// <param name="Cached">Where the result was taken from; null when the tool ran.</param>
public sealed record ToolReturned(DateTimeOffset At, CallId Call, JsonText Result, Cached? Cached = null) : ThreadEvent(At);

public sealed record ToolFailed(DateTimeOffset At, CallId Call, string Error) : ThreadEvent(At);

/// <param name="Options">Prepared answers; of an approval: prepared reasons to reject.</param>
/// <param name="DueAt">When a sleep ends or another request expires; null for never.</param>
/// <param name="Changes">JSON Schema of arguments that may be approved instead of the action's; null when none may.</param>
/// <param name="Responders">The only ones who may answer; null for anyone the policy lets.</param>
/// <param name="Child">The thread whose end is awaited.</param>
/// <param name="Relay">Of a request that a tool passes on.</param>
/// <param name="Call">Of a workflow: the call that waits; null when all of it does. An agent has one call, which needs no name.</param>
/// <param name="Leave">What a yes at a limit gives.</param>
/// <param name="Gone">Tools of the definition that are no longer there; set where it is asked how to go on without them.</param>
public sealed record RequestOpened(
    DateTimeOffset At, RequestKind Kind, string Question, string? Context = null, JsonText? Schema = null,
    IReadOnlyList<ResponseOption>? Options = null, BoundAction? Action = null,
    AnswerableBy AnswerableBy = AnswerableBy.Caller, DateTimeOffset? DueAt = null,
    JsonText? Changes = null, IReadOnlyList<string>? Responders = null, Reach? Reach = null, ThreadId? Child = null, Leave? Leave = null,
    CallId? Call = null, IReadOnlyList<string>? Gone = null, Relay? Relay = null) : ThreadEvent(At);

/// <param name="Arguments">What was approved in place of the action's arguments; null when those were.</param>
/// <param name="Spent">Of a child that has ended: what it used of the limits it shares.</param>
public sealed record RequestAnswered(
    DateTimeOffset At, RequestId Request, string By, string Channel,
    bool? Approved = null, JsonText? Response = null, string? Comment = null, JsonText? Arguments = null, Spent? Spent = null) : ThreadEvent(At);

public sealed record RequestExpired(DateTimeOffset At, RequestId Request) : ThreadEvent(At);

/// <summary>A request that was passed on was settled where it came from.</summary>
public sealed record RequestWithdrawn(DateTimeOffset At, RequestId Request, string Reason) : ThreadEvent(At);

public sealed record SleepEnded(DateTimeOffset At, RequestId Request) : ThreadEvent(At);

/// <summary>An answer that did not count: by someone who may not give it, or a form closed without one. The request stays open.</summary>
public sealed record AnswerRefused(DateTimeOffset At, RequestId Request, string By, string Channel, string Reason) : ThreadEvent(At);

/// <summary>Nobody could be told of a request through this channel. It is tried again; the request stays open.</summary>
public sealed record DeliveryFailed(DateTimeOffset At, RequestId Request, string Channel, string Error) : ThreadEvent(At);

/// <summary>A completed thread was spoken to again.</summary>
public sealed record MessageReceived(DateTimeOffset At, JsonText Message, string By, string Channel) : ThreadEvent(At);

/// <inheritdoc cref="CompleteThread"/>
public sealed record ThreadCompleted(DateTimeOffset At, JsonText Output, IReadOnlyList<string>? Channels = null) : ThreadEvent(At);

public sealed record ThreadFailed(DateTimeOffset At, string Error) : ThreadEvent(At);

public sealed record ThreadCancelled(DateTimeOffset At, string By, string Channel, string? Reason = null) : ThreadEvent(At);

/// <summary>Everything before this event was copied from another thread.</summary>
public sealed record ThreadForked(DateTimeOffset At, ThreadId From, int FromVersion, string By, string Channel) : ThreadEvent(At);

/// <summary>A workflow has nothing to do until something it waits for is answered, ends or is due.</summary>
public sealed record ThreadParked(DateTimeOffset At) : ThreadEvent(At);

/// <summary>Tokens, as the provider counted them or, where it did not and a limit is measured by them, as they were counted here; and what they cost.</summary>
/// <param name="CachedTokens">Those of the input that came from the provider's cache; null where it says nothing of it.</param>
/// <param name="Microdollars">Millionths of a dollar, at the price of the moment; null when the model's price was not known.</param>
public sealed record Usage(long InputTokens, long OutputTokens, long? CachedTokens = null, long? Microdollars = null)
{
    public static Usage operator +(Usage a, Usage b) => new(
        a.InputTokens + b.InputTokens, a.OutputTokens + b.OutputTokens, Sum(a.CachedTokens, b.CachedTokens), Sum(a.Microdollars, b.Microdollars));

    private static long? Sum(long? a, long? b) => a is null ? b : a + (b ?? 0);
}

/// <summary>The one action an approval is for. The digest covers tool and arguments; see <see cref="ActionDigest"/>.</summary>
public sealed record BoundAction(string Tool, JsonText Arguments, string Digest);

/// <summary>A prepared answer; its name is what the answer says.</summary>
/// <param name="PromptFill">Of a reason to reject: the words its feedback begins with.</param>
public sealed record ResponseOption(string Name, string? Title = null, string? Description = null, string? PromptFill = null);

/// <summary>Through which channels people are told of a request, and when again. What a name leads to is configuration.</summary>
public sealed record Reach(
    IReadOnlyList<string> Channels, DateTimeOffset? RemindAt = null, string? EscalateTo = null, DateTimeOffset? EscalateAt = null);

public enum RequestKind
{
    Question,
    Approval,
    ExternalResult,
    Child,
    Budget,
    NextStep,
    InDoubt,
    Sleep,
}

/// <summary>Ordered by strictness: the strictest of tool, agent and server wins.</summary>
public enum AnswerableBy
{
    Caller,
    Human,
}
