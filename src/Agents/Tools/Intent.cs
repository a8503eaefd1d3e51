using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tools;

/// <summary>One thing an agent may choose to do next. Choosing it is a step; nothing has an effect while choosing.</summary>
/// <param name="Arguments">JSON Schema (an object) of the arguments: shown to the model and checked on its reply.</param>
public abstract record Intent(string Name, string Description, JsonText Arguments)
{
    private readonly LateSchema _arguments = new(Arguments);

    public JsonText Arguments
    {
        get => _arguments.Json;
        init => _arguments = new(value);
    }

    /// <summary>The schema of the arguments, to be made when somebody asks for it: most processes never do for most tools.</summary>
    internal LateSchema ArgumentsOnDemand
    {
        init => _arguments = value;
    }

    /// <summary>What is different for what this intent asks of people.</summary>
    public PeoplePolicy People { get; init; } = new();

    /// <summary>The name to providers, which know letters, digits, <c>_</c> and <c>-</c> only: <c>files__read_file</c>.</summary>
    public string DeclaredName => field ??= Declared(Name);

    private static string Declared(string name)
    {
        var declared = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c.ToString() : c == '.' ? "__" : "_"));
        // Cut names must still differ.
        return declared.Length <= MostDeclared ? declared : $"{declared[..(MostDeclared - 9)]}_{ActionDigest.Of(name, JsonText.Null)[^8..]}";
    }

    private const int MostDeclared = 64;
}

/// <summary>Ends the run. The arguments are the agent's output.</summary>
public sealed record Done(string Name, string Description, JsonText Arguments) : Intent(Name, Description, Arguments);

/// <summary>Waits for <c>seconds</c>, through restarts.</summary>
public sealed record Sleep(string Name, string Description, JsonText Arguments) : Intent(Name, Description, Arguments);

/// <summary>Asks a person and waits. <paramref name="Form"/> turns the arguments into what is asked.</summary>
public sealed record Ask(string Name, string Description, JsonText Arguments, Func<JsonText, Question> Form) : Intent(Name, Description, Arguments);

/// <param name="Invalid">Why these arguments cannot be asked; the step is then rejected with this text.</param>
public sealed record Question(
    string Text, string? Context = null, JsonText? Schema = null, IReadOnlyList<ResponseOption>? Options = null, string? Invalid = null);

/// <summary>Runs software. What happens around the run (approval, retry, doubt) is decided here and never by a model.</summary>
/// <param name="Preview">
/// For a gated tool: looks at the world, without changing it, and returns what exactly would be done. It runs before
/// approval is asked and again before the approved action runs; when the action changed, approval is asked again.
/// </param>
/// <param name="Timeout">How long one run may take. Past it an effect that cannot be repeated is in doubt.</param>
/// <param name="Attempts">How often one call may be started, counting runs that a crash cut off.</param>
public sealed record Tool(
    string Name, string Description, JsonText Arguments, Effect Effect, Func<ToolCall, CancellationToken, Task<ToolOutcome>> Run) : Intent(Name, Description, Arguments)
{
    public Route Route { get; init; } = Route.Run;

    /// <summary>Who may answer for this tool: short for that part of <see cref="Intent.People"/>.</summary>
    public AnswerableBy AnswerableBy
    {
        get => People.AnswerableBy;
        init => People = People with { AnswerableBy = value };
    }

    /// <summary>Whether whoever approves may change the arguments; the changed ones must fit the same schema.</summary>
    public bool MayChange { get; init; }

    /// <summary>Prepared reasons to reject.</summary>
    public IReadOnlyList<ResponseOption>? RejectOptions { get; init; }

    public Func<ToolCall, CancellationToken, Task<Preview>>? Preview { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    public int Attempts { get; init; } = 3;

    /// <summary>How to look after calls of this tool that go on elsewhere; null when none do.</summary>
    public Elsewhere? Elsewhere { get; init; }

    /// <summary>The server whose tool it is; null for one of this program.</summary>
    public ServerTool? From { get; init; }

    /// <summary>The schema of what it returns, where whoever called it can use nothing else.</summary>
    internal LateSchema? Result { get; init; }

    /// <summary>A thread may choose it by its definition, and it is no longer there: choosing it fails.</summary>
    public bool IsGone { get; init; }

    /// <summary>It computes its result from its arguments at once and looks at nothing else.</summary>
    public bool IsPure { get; init; }
}

/// <summary>Looking after what a call has under way elsewhere. It is given as the call it was, with the continuation it left.</summary>
/// <param name="Moved">Whether there is something new, so that the call should run again.</param>
/// <param name="End">The thread was cancelled or has failed: ends it there too. May be called again.</param>
/// <param name="FromTheStart">Whether something may be under way before the call has said so.</param>
public sealed record Elsewhere(Func<ToolCall, CancellationToken, Task<bool>> Moved, Func<ToolCall, CancellationToken, Task> End, bool FromTheStart = true)
{
    /// <summary>Whether the call, before it goes on with what was said, is left to another process that alone can do that.</summary>
    public Func<ToolCall, bool> IsLeft { get; init; } = static _ => false;
}

/// <summary>What may happen when a call that was cut off is run again.</summary>
public enum Effect
{
    /// <summary>It may have happened, and twice would be wrong: after a crash a person is asked.</summary>
    Effectful,

    /// <summary>The same key makes a second run harmless.</summary>
    Idempotent,

    ReadOnly,
}

/// <summary>What policy makes of a chosen tool, ordered by strictness. The prompt is the same for all of them.</summary>
public enum Route
{
    Run,

    /// <summary>Asks for approval of the bound action first.</summary>
    Approve,

    /// <summary>Hands the action to a person, whose answer is its result.</summary>
    Delegate,

    /// <summary>Returns what would have been run.</summary>
    DryRun,
}

/// <param name="IdempotencyKey"><c>thread_id/call_id</c>: the same for every attempt of this call, and for no other.</param>
/// <param name="Relayed">What became of the request that this call passed on before; null in the beginning.</param>
/// <param name="At">When it was approved, or chosen where no approval is needed: also the same for every attempt.</param>
/// <param name="Effect">What holds for this call: the agent may know more of it than the tool.</param>
public sealed record ToolCall(
    ThreadId Thread, CallId Id, string IdempotencyKey, JsonText Arguments, int Attempt, DateTimeOffset At = default, Relayed? Relayed = null, Effect Effect = Effect.Effectful);

/// <param name="Arguments">What the tool will be given: the model's arguments with everything resolved that may move.</param>
/// <param name="Question">One sentence a person can say yes or no to.</param>
/// <param name="Context">Readable Markdown: what is there now, and what it becomes.</param>
/// <param name="Options">Prepared reasons to reject this one action; null for the tool's.</param>
public sealed record Preview(JsonText Arguments, string Question, string? Context = null, IReadOnlyList<ResponseOption>? Options = null);

public abstract record ToolOutcome
{
    private ToolOutcome()
    {
    }

    public sealed record Returned(JsonText Result) : ToolOutcome;

    /// <summary>Another agent does it: a thread of its own is started, and its end is the outcome.</summary>
    public sealed record Child(string Agent, JsonText Input) : ToolOutcome;

    /// <summary>A long job was started; its result comes later as an answer. <paramref name="Question"/> says what is awaited, with the job's handle.</summary>
    public sealed record Deferred(string Question, string? Context = null, JsonText? Schema = null) : ToolOutcome;

    /// <summary>Something is asked elsewhere and passed on. The thread waits, and the call runs again with what became of it.</summary>
    /// <param name="AnswerableBy">Who may answer at the least; the agent's policy can be stricter.</param>
    public sealed record Asked(
        RequestKind Kind, string Question, Relay Relay, string? Context = null, JsonText? Schema = null, IReadOnlyList<ResponseOption>? Options = null,
        BoundAction? Action = null, JsonText? Changes = null, AnswerableBy AnswerableBy = AnswerableBy.Caller, DateTimeOffset? DueAt = null) : ToolOutcome;
}

/// <summary>The tool did not do what it was asked. The first line of the message reaches the model.</summary>
public class ToolException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another living process has what this is about, and is left to deal with it.</summary>
public sealed class HeldElsewhereException(string message) : ToolException(message);

/// <summary>The tool cannot tell whether its effect happened, so a person is asked.</summary>
public sealed class OutcomeUnknownException(string message, Exception? inner = null) : Exception(message, inner);
