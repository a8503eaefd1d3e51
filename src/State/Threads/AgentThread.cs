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

    public DateTimeOffset UpdatedAt { get; private init; }

    /// <summary>Turns taken since a person last gave leave to go on.</summary>
    public int Steps { get; private init; }

    /// <summary>Messages of the errors since the last success or human answer, oldest first.</summary>
    public ImmutableList<string> ErrorsInRow { get; private init; } = [];

    /// <summary>What the judge held against the last steps in a row, oldest first.</summary>
    public ImmutableList<StepJudged> Objections { get; private init; } = [];

    public ImmutableDictionary<RequestId, RequestAnswered> Answers { get; private init; } = ImmutableDictionary<RequestId, RequestAnswered>.Empty;

    public RequestAnswered? LastAnswer { get; private init; }

    /// <summary>Tokens of the whole thread, without those of its children.</summary>
    public Usage Usage { get; private init; } = new(0, 0);

    /// <summary>Tokens that were used before a person last gave leave to go on.</summary>
    public long TokensGranted { get; private init; }

    /// <summary>Tokens that children counted towards this thread's limit.</summary>
    public long TokensOfChildren { get; private init; }

    /// <summary>A person gave leave to go on past a limit of the callers; what they had used then no longer counts here.</summary>
    public bool Extended { get; private init; }

    /// <summary>What counts towards the limits, here and in whatever called this.</summary>
    public Spent Spent => new(Steps, Usage.InputTokens + Usage.OutputTokens + TokensOfChildren - TokensGranted);

    /// <summary>The child whose end this waits for.</summary>
    public ThreadId? Child => (State as Waiting)?.Request.Asked.Child;

    /// <summary>The threads from the root down to this one.</summary>
    public IReadOnlyList<ThreadId> Path => [.. Start.Inherited?.Callers.Select(caller => caller.Thread) ?? [], Id];

    /// <summary>What chose the latest step.</summary>
    public string? Model { get; private init; }

    public IReadOnlyList<OpenRequest> OpenRequests => State is Waiting waiting ? [waiting.Request] : [];

    public bool IsFinal => State is Completed or Failed or Cancelled;

    public ThreadStatus Status => State switch
    {
        Waiting => ThreadStatus.Pending,
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
        var next = thread with { Version = version, UpdatedAt = happened.At, State = Next(thread.State, happened, version) };
        return happened switch
        {
            ThreadStarted e => next with { Start = e },
            StepChosen e => next.Turn(e.Model, e.Usage),
            StepRejected e => next.Turn(e.Model, e.Usage).Erred(e.Reason),
            StepJudged e => next.Used(e.Usage) with { Objections = Judged(thread.Objections, e) },
            Summarised e => next.Used(e.Usage),
            ToolFailed e => next.Erred(e.Error),
            ToolReturned => next with { ErrorsInRow = [] },
            RequestAnswered e => next.Answered(e, ((Waiting)thread.State).Request.Asked.Kind),
            // A copy is nobody's child: no call waits for it, and cancelling what the original belonged to does not end it.
            ThreadForked => next with
            {
                Start = next.Start with { Parent = null, ParentCall = null, Root = null, Inherited = next.Start.Inherited is { } kept ? kept with { Callers = [] } : null },
            },
            MessageReceived => next with { ErrorsInRow = [], Objections = [], Steps = 0 },
            _ => next,
        };
    }

    private static ThreadState Next(ThreadState state, ThreadEvent happened, int version) => (state, happened) switch
    {
        (NotStarted, ThreadStarted) => new Thinking(),
        (Thinking, StepChosen e) => new Chosen(new Call(new CallId(version), e.Intent, e.Arguments, At: e.At)),
        (Thinking, StepRejected) => new Thinking(),
        (Thinking, Fetched or Summarised) => state,
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

        (Waiting s, RequestAnswered e) when e.Request == s.Request.Id => After(s, e),
        (Waiting s, RequestExpired e) when e.Request == s.Request.Id => new Thinking(),
        (Waiting s, SleepEnded e) when e.Request == s.Request.Id => new Thinking(),

        (Completed, MessageReceived) => new Thinking(),
        (Thinking or Chosen or Approved or Acting, ThreadFailed e) => new Failed(e.Error),
        (not (NotStarted or Completed or Failed or Cancelled), ThreadCancelled e) => new Cancelled(e.Reason),

        // A copied yes is not a second yes.
        (Approved s, ThreadForked) => new Chosen(s.Call with { Approval = null }),
        (Waiting { Call: { } call } s, ThreadForked) => s with { Call = call with { Approval = null } },
        (not NotStarted, ThreadForked or AnswerRefused or DeliveryFailed) => state,
        _ => throw new InvalidDataException($"Event {version} ({happened.GetType().Name}) cannot happen to a thread that is {state.GetType().Name}."),
    };

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

    private AgentThread Turn(string model, Usage? usage) => Used(usage) with { Steps = Steps + 1, Model = model };

    private AgentThread Used(Usage? usage) =>
        usage is null ? this : this with { Usage = new(Usage.InputTokens + usage.InputTokens, Usage.OutputTokens + usage.OutputTokens) };

    private static ImmutableList<StepJudged> Judged(ImmutableList<StepJudged> objections, StepJudged e) => e.Verdict switch
    {
        Verdict.Fail => objections.Add(e),
        Verdict.Pass => [],
        _ => objections,
    };

    private AgentThread Erred(string message) => this with { ErrorsInRow = ErrorsInRow.Add(message) };

    private AgentThread Answered(RequestAnswered answer, RequestKind kind) => kind == RequestKind.Child ? ChildEnded(answer) : this with
    {
        Answers = Answers.Add(answer.Request, answer),
        LastAnswer = answer,
        // A caller that plays the model is no person: its steps do not clear its errors or extend its budget.
        ErrorsInRow = kind == RequestKind.NextStep ? ErrorsInRow : [],
        Objections = kind == RequestKind.NextStep ? Objections : [],
        Steps = kind == RequestKind.Budget ? 0 : Steps,
        TokensGranted = kind == RequestKind.Budget ? Usage.InputTokens + Usage.OutputTokens + TokensOfChildren : TokensGranted,
        Extended = Extended || (kind == RequestKind.Budget && CallersAreUsedUp),
    };

    private bool CallersAreUsedUp => Start.Inherited is { } above
        && (above.Steps.Used + Spent.Steps >= above.Steps.Most || (above.Tokens is { } tokens && tokens.Used + Spent.Tokens >= tokens.Most));

    // Nobody said anything: it is a result, and what it cost.
    private AgentThread ChildEnded(RequestAnswered answer) => this with
    {
        Answers = Answers.Add(answer.Request, answer),
        Steps = Steps + (answer.Spent?.Steps ?? 0),
        TokensOfChildren = TokensOfChildren + (answer.Spent?.Tokens ?? 0),
    };
}
