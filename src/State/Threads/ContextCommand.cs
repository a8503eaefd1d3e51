using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

/// <summary>Facts were fetched together; they are stored together, in the order they are declared.</summary>
public sealed record AddFacts(DateTimeOffset At, IReadOnlyList<Fact> Facts) : ThreadCommand(At);

/// <param name="Result">Null when it could not be had, for the reason in <paramref name="Error"/>.</param>
public sealed record Fact(string Intent, JsonText Arguments, JsonText? Result = null, string? Error = null);

/// <summary>A verdict on the chosen step. A no runs nothing; a yes approves nothing.</summary>
public sealed record JudgeStep(DateTimeOffset At, Verdict Verdict, string Reason, string Model, Usage? Usage = null) : ThreadCommand(At);

public sealed record Summarise(DateTimeOffset At, int From, int To, string Text, string Model, Usage? Usage = null, string? Error = null) : ThreadCommand(At);
