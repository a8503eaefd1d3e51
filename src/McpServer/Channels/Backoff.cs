namespace AgentMcp.Server.Channels;

/// <summary>How long to wait before a message is tried again: ever longer, and never all at the same moment.</summary>
internal static class Backoff
{
    /// <summary>With the pauses below this is about a day.</summary>
    public const int Attempts = 60;

    private const double LongestSeconds = 30 * 60;
    private static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    /// <param name="asked">What the receiver asked for.</param>
    /// <param name="chance">From 0 to 1; spreads the pauses by a fifth to either side.</param>
    public static TimeSpan After(int attempt, TimeSpan? asked, double chance)
    {
        var pause = TimeSpan.FromSeconds(Math.Min(LongestSeconds, Math.Pow(2, Math.Min(attempt - 1, 30))) * (0.8 + (0.4 * chance)));
        return asked is { } least && least > pause ? (least < LongestAsked ? least : LongestAsked) : pause;
    }
}
