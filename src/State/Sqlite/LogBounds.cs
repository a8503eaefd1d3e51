using System.Globalization;
using System.Numerics;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>How large the log of one thread may become. Long dialogues should be new threads.</summary>
/// <param name="Bytes">Of the events as they are stored; looked at from time to time, so a log may be somewhat larger.</param>
public sealed record LogBounds(int Events = LogBounds.MostEvents, long Bytes = LogBounds.MostBytes)
{
    public const int MostEvents = 100_000;
    public const long MostBytes = 256L << 20;

    // What follows an answer at once must find room in a log that a run has filled.
    private const int Reserve = 100;

    /// <summary>
    /// Whether there is room for it in a full log too, however small the bounds have become since: the answer to a request and
    /// any other end of a wait, what came of a call, and that a workflow waits. It comes once for something that found room,
    /// and without it nobody would know of what was done.
    /// </summary>
    public static bool AlwaysFits(ThreadEvent happened) => happened is RequestAnswered or RequestExpired or SleepEnded or RequestWithdrawn or ThreadParked
        or ToolReturned { Cached: null } or ToolFailed or RequestOpened { Kind: RequestKind.InDoubt };

    /// <exception cref="RefusedException">There is no room for these events.</exception>
    internal void Check(Session session, ThreadLog log, int added)
    {
        // An ending always fits: a log that is full must not become a thread nobody can cancel.
        var events = log.Last(added);
        if (log.Thread.IsFinal || events.All(AlwaysFits))
        {
            return;
        }

        var most = Events + (events.Any(happened => happened is RequestAnswered or RequestWithdrawn) ? Reserve : 0);
        if (log.Thread.Version > most)
        {
            throw Full($"{Events.ToString(CultureInfo.InvariantCulture)} events", "max_thread_events");
        }

        if (IsDue(log.Thread.Version, added) && most == Events
            && session.Scalar<long>("SELECT coalesce(sum(length(CAST(data AS BLOB))), 0) FROM events WHERE thread_id = $1", log.Thread.Id.Value) > Bytes)
        {
            throw Full($"{Bytes.ToString(CultureInfo.InvariantCulture)} bytes", "max_thread_bytes");
        }
    }

    // Summing takes as long as the log is long: the longer it is, the more rarely it is done, so that a step costs the same.
    private static bool IsDue(int version, int added)
    {
        var step = Math.Max(16, (int)BitOperations.RoundUpToPowerOf2((uint)version) / 16);
        return version / step != (version - added) / step;
    }

    private static RefusedException Full(string what, string setting) => new(RefusalCode.TooLarge, $"The thread has reached {what}. Start a new one. (Setting {setting})");
}
