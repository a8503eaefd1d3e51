using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// Limits of a thread and of all that called it: whichever leaves the least counts. A caller waits while its child runs,
/// so what it had used when the child began, and what the child has used since, is all there is. Pure.
/// </summary>
internal static class SharedLimits
{
    public static Share Steps(AgentThread thread, Limits own) =>
        Tightest(new(thread.Spent.Steps, own.Steps), OfCallers(thread, thread.Start.Inherited?.Steps, thread.Spent.Steps))!;

    public static Share? Tokens(AgentThread thread, Limits own) =>
        Tightest(own.Tokens is { } most ? new(thread.Spent.Tokens, most) : null, OfCallers(thread, thread.Start.Inherited?.Tokens, thread.Spent.Tokens));

    /// <summary>What a child of this thread takes over.</summary>
    /// <param name="by">The policy in force for the call.</param>
    public static Inherited Inherit(AgentThread caller, Microagent agent, PeoplePolicy by) => new(
        [.. caller.Start.Inherited?.Callers ?? [], new(caller.Id, caller.Start.Agent)],
        by.AnswerableBy,
        Math.Min(caller.Start.Inherited?.Deepest ?? int.MaxValue, caller.Start.Depth + agent.Limits.Depth),
        Steps(caller, agent.Limits),
        Tokens(caller, agent.Limits),
        by.Responders);

    // Leave to go on is given for the whole of the limit, as it is to a thread that nobody called.
    private static Share? OfCallers(AgentThread thread, Share? callers, long spent) =>
        callers is null ? null : callers with { Used = (thread.Extended ? 0 : callers.Used) + spent };

    private static Share? Tightest(Share? own, Share? callers) =>
        own is null || (callers is not null && callers.Most - callers.Used < own.Most - own.Used) ? callers : own;
}
