using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// Limits of a thread and of all that called it. A caller waits while its child runs, so what it had used when the
/// child began, and what the child has used since, is all there is; of several at once each has a part of its own. Pure.
/// </summary>
internal static class SharedLimits
{
    public static Share? Own(AgentThread thread, Limits limits, Limit limit, DateTimeOffset now) =>
        limits.Most(limit) is { } most ? new(thread.Accounts.Own[limit] + Running(thread, limit, now), most) : null;

    public static Share? OfCallers(AgentThread thread, Limit limit, DateTimeOffset now) =>
        thread.Start.Inherited?[limit] is { } callers ? callers with { Used = callers.Used + thread.Accounts.Above[limit] + Running(thread, limit, now) } : null;

    /// <summary>What a child of this thread takes over.</summary>
    /// <param name="by">The policy in force for the call.</param>
    /// <param name="open">Those it called before that have not ended, with their own limits.</param>
    public static Inherited Inherit(AgentThread caller, Microagent agent, PeoplePolicy by, DateTimeOffset now, IReadOnlyList<(AgentThread Child, Limits Own)> open) => new(
        [.. caller.Start.Inherited?.Callers ?? [], new(caller.Id, caller.Start.Agent)],
        by.AnswerableBy,
        Math.Min(caller.Start.Inherited?.Deepest ?? int.MaxValue, caller.Start.Depth + agent.Limits.Depth),
        Part(caller, Tightest(caller, agent.Limits, Limit.Steps, now), Limit.Steps, open)!,
        Part(caller, Tightest(caller, agent.Limits, Limit.Tokens, now), Limit.Tokens, open),
        by.Responders,
        Part(caller, Tightest(caller, agent.Limits, Limit.Cost, now), Limit.Cost, open),
        Tightest(caller, agent.Limits, Limit.Time, now));

    private static Share? Tightest(AgentThread thread, Limits limits, Limit limit, DateTimeOffset now) =>
        (Own(thread, limits, limit, now), OfCallers(thread, limit, now)) switch
        {
            (null, var callers) => callers,
            (var own, null) => own,
            var (own, callers) => callers.Most - callers.Used < own.Most - own.Used ? callers : own,
        };

    // A workflow may call several at once, which do not see what the others use. What those that are open may use counts as
    // used, and of the rest each that begins now gets a part. Time passes for all alike.
    private static Share? Part(AgentThread caller, Share? share, Limit limit, IReadOnlyList<(AgentThread Child, Limits Own)> open)
    {
        if (caller.State is not ThreadState.Working work || share is not { } whole || whole.Used >= whole.Most)
        {
            return share;
        }

        var used = Math.Min(whole.Most, whole.Used + open.Sum(one => Granted(one.Child, one.Own, limit)));
        var beginning = Math.Max(1, work.Open.Count(call => call.State is ThreadState.Acting));
        return new(used, used + ((whole.Most - used + beginning - 1) / beginning));
    }

    // A child that keeps to less of its own leaves the rest to others, as long as nobody gives it leave for more.
    private static long Granted(AgentThread child, Limits own, Limit limit) => child.Start.Inherited?[limit] is { } part
        ? Math.Max(0, Math.Min(part.Most - part.Used, own.Most(limit) + child.Accounts.Extended[limit] ?? long.MaxValue))
        : 0;

    // The log counts the time up to its last event.
    private static long Running(AgentThread thread, Limit limit, DateTimeOffset now) =>
        limit == Limit.Time && thread.Status == ThreadStatus.Running ? Math.Max(0, (long)(now - thread.UpdatedAt).TotalMilliseconds) : 0;
}
