using System.Collections.Immutable;
using AgentMcp.State.Json;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Threads;

/// <summary>
/// The fold of a thread's log: where it stands, and the few counts that decide what may come next. Immutable.
/// (<c>Thread</c> is the framework's name.)
/// </summary>
public sealed record AgentThread(ThreadId Id)
{
    /// <summary>The number of events folded so far.</summary>
    public int Version { get; private init; }

    public ThreadState State { get; private init; } = new NotStarted();

    public ThreadStarted Start { get; private init; } = null!;

    /// <summary>Under which definition it runs now.</summary>
    public DefinitionInForce Definition { get; private init; } = DefinitionInForce.None;

    public DateTimeOffset UpdatedAt { get; private init; }

    /// <summary>What was used and what leave was given for.</summary>
    public Accounts Accounts { get; private init; } = Accounts.Empty;

    /// <summary>Turns that count towards the agent's own limit.</summary>
    public long Steps => Accounts.Own.Steps;

    /// <summary>Messages of the errors since the last success or human answer, oldest first.</summary>
    public ImmutableList<string> ErrorsInRow { get; private init; } = [];

    /// <summary>What the judge held against the last steps in a row, oldest first.</summary>
    public ImmutableList<StepJudged> Objections { get; private init; } = [];

    public ImmutableDictionary<RequestId, RequestAnswered> Answers { get; private init; } = ImmutableDictionary<RequestId, RequestAnswered>.Empty;

    public RequestAnswered? LastAnswer { get; private init; }

    /// <summary>Tokens and cost of the whole thread, without those of its children.</summary>
    public Usage Usage { get; private init; } = new(0, 0);

    /// <summary>Turns whose tokens are known and whose price is not: <see cref="Usage"/> leaves their cost out.</summary>
    public int UnpricedSteps { get; private init; }

    /// <summary>The children whose ends this waits for; a workflow may have several.</summary>
    public IReadOnlyList<ThreadId> Children => [.. OpenRequests.Select(open => open.Asked.Child).OfType<ThreadId>()];

    /// <summary>It waits for what goes on elsewhere and asks nobody.</summary>
    public bool IsFollowing => OpenRequests.Any(open => open.Asked is { Kind: RequestKind.Child, Relay: not null });

    /// <summary>The threads from the root down to this one.</summary>
    public IReadOnlyList<ThreadId> Path => [.. Start.Inherited?.Callers.Select(caller => caller.Thread) ?? [], Id];

    /// <summary>What chose the latest step.</summary>
    public string? Model { get; private init; }

    /// <summary>What the thread waits for, in the order it was asked; a workflow may wait for several things, and work meanwhile.</summary>
    public IReadOnlyList<OpenRequest> OpenRequests => State switch
    {
        Waiting waiting => [waiting.Request],
        Working working => OpenCalls.Requests(working),
        _ => [],
    };

    public bool IsFinal => State is Completed or Failed or Cancelled;

    public ThreadStatus Status => State switch
    {
        Waiting or Working { IsParked: true } => ThreadStatus.Pending,
        Completed => ThreadStatus.Completed,
        Failed => ThreadStatus.Failed,
        Cancelled => ThreadStatus.Cancelled,
        _ => ThreadStatus.Running,
    };

    /// <exception cref="InvalidDataException">The log holds an event that cannot follow what came before.</exception>
    public static AgentThread Fold(ThreadId id, IEnumerable<ThreadEvent> log) => log.Aggregate(new AgentThread(id), Evolve);

    /// <inheritdoc cref="Fold"/>
    public static AgentThread Evolve(AgentThread thread, ThreadEvent happened)
    {
        var version = thread.Version + 1;
        var next = thread.Ran(happened) with { Version = version, UpdatedAt = happened.At, State = Next(thread.State, happened, version) };
        next = next with { Definition = thread.Definition.After(thread.State, happened) };
        return happened switch
        {
            ThreadStarted e => next with { Start = e },
            StepChosen e => next.Turn(e.Model, e.Usage),
            StepRejected e => next.Turn(e.Model, e.Usage).Erred(e.Reason),
            StepJudged e => next.Used(e.Usage) with { Objections = Judged(thread.Objections, e) },
            Summarised e => next.Used(e.Usage),
            ToolFailed e => next.Erred(e.Error),
            ToolReturned => next with { ErrorsInRow = [] },
            RequestAnswered e => next.Answered(e, thread.OpenRequests.Single(open => open.Id == e.Request).Asked),
            ThreadForked => next with { Start = next.Start.OfACopy() },
            MessageReceived => next with { ErrorsInRow = [], Objections = [], Accounts = next.Accounts.SpokenTo() },
            _ => next,
        };
    }

    /// <summary>The thread as it would be if this were all of it: one call of a workflow, seen alone.</summary>
    internal AgentThread As(ThreadState state) => this with { State = state };

    internal static ThreadState Next(ThreadState state, ThreadEvent happened, int version) => (state, happened) switch
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

    internal static InvalidDataException Impossible(ThreadState state, ThreadEvent happened, int version) =>
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

    // Between the last event and a fork lies whatever time the copy took to be wanted.
    private AgentThread Ran(ThreadEvent happened) =>
        Status == ThreadStatus.Running && Version > 0 && happened is not ThreadForked ? this with { Accounts = Accounts.Ran(happened.At - UpdatedAt) } : this;

    private AgentThread Turn(string model, Usage? usage) => (this with { Model = model, Accounts = Accounts.Turn() }).Used(usage);

    private AgentThread Used(Usage? usage) => usage is null ? this : this with
    {
        Accounts = Accounts.Took(usage),
        Usage = Usage + usage,
        UnpricedSteps = UnpricedSteps + (usage.Microdollars is null ? 1 : 0),
    };

    private static ImmutableList<StepJudged> Judged(ImmutableList<StepJudged> objections, StepJudged e) => e.Verdict switch
    {
        Verdict.Fail => objections.Add(e),
        Verdict.Pass => [],
        _ => objections,
    };

    private AgentThread Erred(string message) => this with { ErrorsInRow = ErrorsInRow.Add(message) };

    private AgentThread Answered(RequestAnswered answer, RequestOpened asked) => asked.Kind switch
    {
        // It belongs to the tool that passed the request on; of this thread it grants and clears nothing.
        _ when asked.Relay is not null => this with { Answers = Answers.Add(answer.Request, answer), LastAnswer = answer },
        // Nobody said anything: it is a result, and what it cost.
        RequestKind.Child => this with { Answers = Answers.Add(answer.Request, answer), Accounts = Accounts.ChildEnded(answer.Spent) },
        _ => this with
        {
            Answers = Answers.Add(answer.Request, answer),
            LastAnswer = answer,
            // A caller that plays the model is no person: its steps do not clear its errors or extend its budget.
            ErrorsInRow = asked.Kind == RequestKind.NextStep ? ErrorsInRow : [],
            Objections = asked.Kind == RequestKind.NextStep ? Objections : [],
            Accounts = asked.Kind == RequestKind.Budget ? Accounts.Allowed(asked.Leave, Start.Inherited) : Accounts,
        },
    };
}
