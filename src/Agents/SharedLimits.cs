using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// Limits of a thread and of all that called it. A caller waits while its child runs, so what it had used when the
/// child began, and what the child has used since, is all there is. Pure.
/// </summary>
internal static class SharedLimits
{
    public static Share? Own(AgentThread thread, Limits limits, Limit limit, DateTimeOffset now) =>
        limits.Most(limit) is { } most ? new(thread.Accounts.Own[limit] + Running(thread, limit, now), most) : null;

    public static Share? OfCallers(AgentThread thread, Limit limit, DateTimeOffset now) =>
        thread.Start.Inherited?[limit] is { } callers ? callers with { Used = callers.Used + thread.Accounts.Above[limit] + Running(thread, limit, now) } : null;

    /// <summary>What a child of this thread takes over.</summary>
    /// <param name="by">The policy in force for the call.</param>
    public static Inherited Inherit(AgentThread caller, Microagent agent, PeoplePolicy by, DateTimeOffset now) => new(
        [.. caller.Start.Inherited?.Callers ?? [], new(caller.Id, caller.Start.Agent)],
        by.AnswerableBy,
        Math.Min(caller.Start.Inherited?.Deepest ?? int.MaxValue, caller.Start.Depth + agent.Limits.Depth),
        Part(caller, Tightest(caller, agent.Limits, Limit.Steps, now))!,
        Part(caller, Tightest(caller, agent.Limits, Limit.Tokens, now)),
        by.Responders,
        Part(caller, Tightest(caller, agent.Limits, Limit.Cost, now)),
        Tightest(caller, agent.Limits, Limit.Time, now));

    private static Share? Tightest(AgentThread thread, Limits limits, Limit limit, DateTimeOffset now) =>
        (Own(thread, limits, limit, now), OfCallers(thread, limit, now)) switch
        {
            (null, var callers) => callers,
            (var own, null) => own,
            var (own, callers) => callers.Most - callers.Used < own.Most - own.Used ? callers : own,
        };

    // A workflow may call several at once, which do not see what the others use: each gets a part of what is left. Time passes for all alike.
    private static Share? Part(AgentThread caller, Share? share) => (caller.State, share) switch
    {
        (ThreadState.Working work, { } whole) when whole.Used < whole.Most && work.Open.Count(open => open.State is ThreadState.Acting or ThreadState.Waiting { Request.Asked.Child: not null }) is > 1 and var beside =>
            whole with { Most = whole.Used + ((whole.Most - whole.Used + beside - 1) / beside) },
        _ => share,
    };

    // The log counts the time up to its last event.
    private static long Running(AgentThread thread, Limit limit, DateTimeOffset now) =>
        limit == Limit.Time && thread.Status == ThreadStatus.Running ? Math.Max(0, (long)(now - thread.UpdatedAt).TotalMilliseconds) : 0;
}
