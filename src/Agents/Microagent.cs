using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// A small, focused agent: what it takes and gives, its prompt, and the intents it may choose from. Definition only;
/// it holds nothing of any thread, so one instance serves all of them at once.
/// </summary>
/// <param name="Input">JSON Schema of the input; checked before a thread is created.</param>
/// <param name="Output">JSON Schema of the output; the arguments of a <see cref="Done"/> intent must fit it.</param>
/// <param name="Prompt">The system message: role and rules. Its variables were filled when it was loaded.</param>
/// <param name="People">Who may answer and how they are reached, for all of the agent's requests.</param>
/// <param name="Model">The model this agent asks for, as <c>--model</c> takes it; null for the server's.</param>
/// <param name="Rules">What the <c>rules</c> model does for this agent; null when it has none.</param>
public sealed record Microagent(
    string Name,
    string Description,
    JsonText Input,
    JsonText Output,
    string Prompt,
    IReadOnlyList<Intent> Intents,
    Limits Limits,
    PeoplePolicy? People = null,
    string? Model = null,
    Rules? Rules = null)
{
    public PeoplePolicy People { get; init; } = People ?? new();

    /// <summary>The code that chooses the steps; null where a model does.</summary>
    public Workflow? Flow { get; init; }

    /// <summary>What is fetched, judged, summarised and kept around its steps.</summary>
    public ContextPolicy Context { get; init; } = new();

    /// <summary>When it starts by itself; null for never.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>The roles and principals it is there for; null for everybody. Read from the agent as it is today, also for threads that began before.</summary>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>
    /// The agents that an input of this one names to be called, each with what it is given; null where its author chose
    /// them all. Whoever gives the input must know them.
    /// </summary>
    public Func<JsonText, IReadOnlyList<(string Agent, JsonText Input)>>? Names { get; init; }

    /// <summary>There is no such agent today; only what a thread began under is left of it.</summary>
    public bool IsGone { get; init; }

    /// <summary>False for an agent that is no tool of its own and is started by its name only.</summary>
    public bool IsListed { get; init; } = true;

    /// <summary>Arguments that every call of an agent takes; no input has fields of these names.</summary>
    public const string KeyArgument = "idempotency_key";

    /// <inheritdoc cref="KeyArgument"/>
    public const string WaitArgument = "wait_seconds";

    /// <summary>The input and output of an agent that is spoken to: <c>{message}</c>.</summary>
    public static JsonText MessageSchema { get; } = JsonText.Parse(
        """{"type":"object","properties":{"message":{"type":"string","minLength":1}},"required":["message"],"additionalProperties":false}""");

    /// <summary>The agent as it may be called: about people it is as strict as its caller, or stricter.</summary>
    public Microagent CalledUnder(Inherited? caller) =>
        caller is null ? this : this with { People = People.Within(new(caller.AnswerableBy, caller.Responders)) };

    public Intent? Find(string intent) => Intents.FirstOrDefault(candidate => candidate.Name == intent);

    /// <summary>The intent a model means, which may know it by the name it was declared under.</summary>
    public Intent? FindSpoken(string intent) => Find(intent) ?? Intents.FirstOrDefault(candidate => candidate.DeclaredName == intent);

    public Tool? FindTool(string intent) => Find(intent) as Tool;
}

/// <summary>Limits of one run and of all that it calls, checked in one place before the model is called.</summary>
/// <param name="Steps">Turns before a person must give leave to go on.</param>
/// <param name="ErrorsInRow">Errors in a row before a person is asked.</param>
/// <param name="Tokens">Tokens of the whole thread, in and out; null for no limit.</param>
/// <param name="ToolOutput">Characters of one tool result that are kept.</param>
/// <param name="Depth">How many agents deep its calls may go.</param>
/// <param name="Cost">Dollars; null for no limit.</param>
/// <param name="Time">Running time; what it waits for people, for jobs and for a wake-up is not counted. Null for no limit.</param>
/// <param name="Reply">Tokens of one reply of the model; null for the server's.</param>
public sealed record Limits(
    int Steps = 20, int ErrorsInRow = 3, long? Tokens = null, int ToolOutput = 100_000, int Depth = Limits.DefaultDepth,
    decimal? Cost = null, TimeSpan? Time = null, int? Reply = null)
{
    public const int DefaultDepth = 5;

    /// <summary>The most of one limit, in the units of <see cref="Spent"/>.</summary>
    public long? Most(Limit limit) => limit switch
    {
        Limit.Steps => Steps,
        Limit.Tokens => Tokens,
        Limit.Cost => (long?)(Cost * 1_000_000),
        Limit.Time => (long?)Time?.TotalMilliseconds,
        _ => throw new InvalidOperationException(limit.ToString()),
    };
}
