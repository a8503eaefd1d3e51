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
public sealed record Inherited(
    IReadOnlyList<Caller> Callers, AnswerableBy AnswerableBy, int Deepest, Share Steps, Share? Tokens = null, IReadOnlyList<string>? Responders = null);

public sealed record Caller(ThreadId Thread, string Agent);

/// <summary>A limit of a caller, and what of it was used when the child began.</summary>
public sealed record Share(long Used, long Most);

/// <summary>What a thread and all that it called have used since a person last gave leave to go on.</summary>
public sealed record Spent(int Steps, long Tokens);
