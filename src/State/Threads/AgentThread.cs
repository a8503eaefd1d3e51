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

    /// <summary>The doubts among what was answered.</summary>
    public ImmutableHashSet<RequestId> Doubts { get; private init; } = ImmutableHashSet<RequestId>.Empty;

    /// <summary>Tokens and cost of the whole thread, without those of its children.</summary>
    public Usage Usage { get; private init; } = new(0, 0);

    /// <summary>Turns whose tokens are known and whose price is not: <see cref="Usage"/> leaves their cost out.</summary>
    public int UnpricedSteps { get; private init; }

    /// <summary>The children whose ends this waits for; a workflow may have several.</summary>
    public IReadOnlyList<ThreadId> Children => State switch
    {
        Waiting { Request.Asked.Child: { } child } => [child],
        Working working => [.. OpenCalls.Requests(working).Select(open => open.Asked.Child).OfType<ThreadId>()],
        _ => [],
    };

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
        var next = thread with
        {
            Version = version,
            UpdatedAt = happened.At,
            State = ThreadTransitions.Next(thread.State, happened, version),
            Definition = thread.Definition.After(thread.State, happened),
            Accounts = thread.Ran(happened),
        };
        return happened switch
        {
            ThreadStarted e => next with { Start = e },
            StepChosen e => next.Turn(e.Model, e.Usage),
            StepRejected e => next.Turn(e.Model, e.Usage).Erred(e.Reason),
            StepJudged e => next.Used(e.Usage) with { Objections = Judged(thread.Objections, e) },
            Summarised e => next.Used(e.Usage),
            ToolFailed e => next.Erred(e.Error),
            ToolReturned => next with { ErrorsInRow = [] },
            RequestAnswered e when thread.OpenRequests.Single(open => open.Id == e.Request).Asked is var asked =>
                next.Answered(e, asked) with { Doubts = asked.Kind == RequestKind.InDoubt ? thread.Doubts.Add(e.Request) : thread.Doubts },
            ThreadForked => next with { Start = next.Start.OfACopy() },
            MessageReceived => next with { ErrorsInRow = [], Objections = [], Accounts = next.Accounts.SpokenTo() },
            _ => next,
        };
    }

    /// <summary>The thread as it would be if this were all of it: one call of a workflow, seen alone.</summary>
    internal AgentThread As(ThreadState state) => this with { State = state };

    // Between the last event and a fork lies whatever time the copy took to be wanted.
    private Accounts Ran(ThreadEvent happened) =>
        Status == ThreadStatus.Running && Version > 0 && happened is not ThreadForked ? Accounts.Ran(happened.At - UpdatedAt) : Accounts;

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
            Accounts = asked.Kind == RequestKind.Budget && answer.Approved != false ? Accounts.Allowed(asked.Leave, Start.Inherited) : Accounts,
        },
    };
}
