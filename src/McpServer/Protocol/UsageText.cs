using System.Globalization;
using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol;

/// <summary>Tokens and cost in words. A cost that is not known is said to be, and never shown as nothing. Pure.</summary>
internal static class UsageText
{
    /// <summary>Of one event; null where no model was asked, or the model counted nothing.</summary>
    public static string? Of(ThreadEvent happened) => UsageOf(happened) is { } usage ? Of(usage, usage.Microdollars is null ? 1 : 0) : null;

    /// <param name="unpriced">How many steps the cost leaves out.</param>
    public static string Of(Usage usage, int unpriced) => $"{Tokens(usage)}, {Cost(usage, unpriced)}";

    public static string Tokens(Usage usage) =>
        $"{Count(usage.InputTokens)} tokens in{(usage.CachedTokens is > 0 and var cached ? $" ({Count(cached)} from the cache)" : "")}, {Count(usage.OutputTokens)} out";

    public static string Cost(Usage usage, int unpriced) => (usage.Microdollars, unpriced) switch
    {
        (null, _) => "cost unknown",
        ({ } cost, 0) => Money.Dollars(cost),
        ({ } cost, _) => $"{Money.Dollars(cost)} and {(unpriced == 1 ? "a step" : $"{Count(unpriced)} steps")} of unknown cost",
    };

    public static Usage? UsageOf(ThreadEvent happened) => happened switch
    {
        StepChosen e => e.Usage,
        StepRejected e => e.Usage,
        StepJudged e => e.Usage,
        Summarised e => e.Usage,
        _ => null,
    };

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
