using System.Globalization;
using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// Whether the next step still fits the limits. Before a model is asked, the most that the step may take is added to
/// what was used: a step that would go over asks first, and whoever says yes knows by how much. Pure.
/// </summary>
internal static class Budgets
{
    private static readonly Limit[] All = Enum.GetValues<Limit>();

    /// <summary>Whether anything has a limit that a step is measured by.</summary>
    public static bool Measure(AgentThread thread, Limits limits) =>
        (limits.Tokens ?? limits.Cost) is not null || thread.Start.Inherited is { } above && (above.Tokens ?? above.Cost) is not null;

    /// <param name="next">The most the next step may take, once that is known.</param>
    /// <returns>The question whether a limit may be extended; null while all of them hold.</returns>
    public static OpenARequest? Reached(AgentThread thread, IEnumerable<ThreadEvent> log, Microagent agent, PeoplePolicy by, DateTimeOffset now, Estimate? next = null)
    {
        foreach (var limit in All)
        {
            var (own, callers) = (SharedLimits.Own(thread, agent.Limits, limit, now), SharedLimits.OfCallers(thread, limit, now));
            if (limit == Limit.Cost && next is { Most.Microdollars: null } && (own ?? callers) is { } unmeasured && !thread.Accounts.Unpriced)
            {
                return Ask(new(limit, Unpriced: true), $"{agent.Name} may cost {Amount(limit, unmeasured.Most)} at most, but what {next.Model} costs is not known. May it go on without its cost being counted?");
            }

            var need = next is null ? 0 : Need(limit, next.Most);
            if (IsOver(own, need) || IsOver(callers, need))
            {
                var over = new[] { own, callers }.OfType<Share>().Where(share => IsOver(share, need)).ToList();
                // As much again, or as much as the step at hand may take.
                var more = Math.Max(over.Min(share => share.Most), over.Max(share => share.Used + need - share.Most));
                var isOwn = own is not null && over.Contains(own);
                return Ask(new(limit, isOwn ? more : 0, callers is not null && over.Contains(callers) ? more : 0), Question(agent.Name, limit, isOwn, over[0], need, more));
            }
        }

        return null;

        OpenARequest Ask(Leave leave, string question) => by.Ask(new(now, RequestKind.Budget, question, LimitNotes.Progress(log), Leave: leave));
    }

    private static bool IsOver(Share? share, long need) => share is not null && (share.Used >= share.Most || share.Used + need > share.Most);

    private static string Question(string agent, Limit limit, bool isOwn, Share reached, long need, long more)
    {
        var (who, it) = isOwn ? (agent, "it") : ($"The run that {agent} is part of", agent);
        var (did, go) = limit switch
        {
            Limit.Steps => ("taken", "take"),
            Limit.Tokens => ("used", "use"),
            Limit.Cost => ("cost", "cost"),
            _ => ("run for", "run for"),
        };
        var used = reached.Used < reached.Most ? $"{Figure(limit, Math.Max(0, reached.Used))} of {Amount(limit, reached.Most)}, and its next step may take {Figure(limit, need)}"
            : $"{Amount(limit, reached.Used)} and is not done";
        return $"{who} has {did} {used}. May {it} {go} {Figure(limit, more)} more?";
    }

    private static long Need(Limit limit, Usage most) => limit switch
    {
        Limit.Tokens => most.InputTokens + most.OutputTokens,
        Limit.Cost => most.Microdollars ?? 0,
        _ => 0,
    };

    private static string Amount(Limit limit, long amount) => limit switch
    {
        Limit.Steps => $"{amount} steps",
        Limit.Tokens => $"{amount} tokens",
        _ => Figure(limit, amount),
    };

    private static string Figure(Limit limit, long amount) => limit switch
    {
        Limit.Cost => Money.Dollars(amount),
        Limit.Time => Time(TimeSpan.FromMilliseconds(amount)),
        _ => amount.ToString(CultureInfo.InvariantCulture),
    };

    private static string Time(TimeSpan time) => time.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#}s")
        : $"{(time.TotalHours < 1 ? "" : $"{(int)time.TotalHours}h ")}{time.Minutes}m{(time.Seconds == 0 ? "" : $" {time.Seconds}s")}";
}
