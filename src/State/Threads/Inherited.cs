namespace AgentMcp.State.Threads;

/// <summary>
/// What a child takes over from the call that started it, for its whole life. It is stored with the child, so that no
/// restart, fork or changed setting loosens it.
/// </summary>
/// <param name="Callers">The threads above it, the root first.</param>
/// <param name="AnswerableBy">Who may answer at the least; the child can only be stricter.</param>
/// <param name="Responders">The only ones who may answer, unless the child names its own.</param>
/// <param name="Deepest">The depth below which nothing may be called.</param>
/// <param name="Steps">The limit of a caller that leaves the fewest steps.</param>
/// <param name="Tokens">The limit of a caller that leaves the fewest tokens; null when no caller has one.</param>
/// <param name="Cost">The same of money, in millionths of a dollar.</param>
/// <param name="Time">The same of running time, in milliseconds.</param>
public sealed record Inherited(
    IReadOnlyList<Caller> Callers, AnswerableBy AnswerableBy, int Deepest, Share Steps, Share? Tokens = null, IReadOnlyList<string>? Responders = null,
    Share? Cost = null, Share? Time = null)
{
    public Share? this[Limit limit] => limit switch
    {
        Limit.Steps => Steps,
        Limit.Tokens => Tokens,
        Limit.Cost => Cost,
        Limit.Time => Time,
        _ => throw new InvalidOperationException(limit.ToString()),
    };
}

internal static class Copies
{
    /// <summary>A copy is nobody's child: no call waits for it, and cancelling what the original belonged to does not end it.</summary>
    public static ThreadStarted OfACopy(this ThreadStarted start) =>
        start with { Parent = null, ParentCall = null, Root = null, Inherited = start.Inherited is { } kept ? kept with { Callers = [] } : null };
}

public sealed record Caller(ThreadId Thread, string Agent);

/// <summary>A limit of a caller, and what of it was used, or was for others to use, when the child began.</summary>
public sealed record Share(long Used, long Most);
