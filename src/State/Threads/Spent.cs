using System.Text.Json.Serialization;

namespace AgentMcp.State.Threads;

/// <summary>What counts towards limits: what a thread and all that it called have used, less what leave was given for.</summary>
/// <param name="Steps">Turns.</param>
/// <param name="Tokens">In and out, as providers counted them.</param>
/// <param name="Microdollars">Millionths of a dollar, of the steps whose price is known.</param>
/// <param name="Milliseconds">Time in which it ran; waiting, for whomever, does not count.</param>
public sealed record Spent(
    long Steps, long Tokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Microdollars = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Milliseconds = 0)
{
    public static Spent Nothing { get; } = new(0, 0);

    public static Spent operator +(Spent a, Spent b) =>
        new(a.Steps + b.Steps, a.Tokens + b.Tokens, a.Microdollars + b.Microdollars, a.Milliseconds + b.Milliseconds);

    public static Spent operator -(Spent a, Spent b) =>
        new(a.Steps - b.Steps, a.Tokens - b.Tokens, a.Microdollars - b.Microdollars, a.Milliseconds - b.Milliseconds);

    /// <summary>This much of one limit, and nothing of the others.</summary>
    public static Spent Of(Limit limit, long amount) => limit switch
    {
        Limit.Steps => Nothing with { Steps = amount },
        Limit.Tokens => Nothing with { Tokens = amount },
        Limit.Cost => Nothing with { Microdollars = amount },
        Limit.Time => Nothing with { Milliseconds = amount },
        _ => throw new InvalidOperationException(limit.ToString()),
    };

    public long this[Limit limit] => limit switch
    {
        Limit.Steps => Steps,
        Limit.Tokens => Tokens,
        Limit.Cost => Microdollars,
        Limit.Time => Milliseconds,
        _ => throw new InvalidOperationException(limit.ToString()),
    };
}

/// <summary>What can run out. Amounts are counted as <see cref="Spent"/> counts them.</summary>
public enum Limit
{
    Steps,
    Tokens,
    Cost,
    Time,
}

/// <summary>What a yes to a <c>budget</c> request gives: this much more of one limit.</summary>
/// <param name="Own">Added to the agent's own limit.</param>
/// <param name="Callers">Added to the limit it shares with what called it.</param>
/// <param name="Unpriced">The limit is in money and the price of the model is not known: its steps then go uncounted.</param>
public sealed record Leave(
    Limit Limit,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Own = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Callers = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Unpriced = false)
{
    /// <summary>What a model could not be asked for may be tried again; no limit changes.</summary>
    public static Leave ToTryAgain { get; } = new(Limit.Steps);
}
