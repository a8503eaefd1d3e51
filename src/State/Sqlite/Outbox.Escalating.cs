using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

// Telling further people by hand.
public sealed partial class Outbox
{
    /// <summary>How soon after one escalation by hand another one is sent to the same channel.</summary>
    public static readonly TimeSpan BetweenEscalations = TimeSpan.FromMinutes(1);

    /// <summary>Tells a further channel of a request at once, with a word to go with it; again, if it was told already.</summary>
    /// <returns>How long to wait first, where it was told by hand just now: nothing was done; zero when it is told; null when the request is settled.</returns>
    public Task<TimeSpan?> Escalate(ThreadId thread, RequestId request, string channel, string note, DateTimeOffset now) => store.Commits.Run(session =>
    {
        if (IsSettled(session, thread, request))
        {
            return (TimeSpan?)null;
        }

        var last = session.Scalar<object>("SELECT escalated_at FROM deliveries WHERE thread_id = $1 AND request = $2 AND channel = $3 AND kind = 'escalation'",
            thread.Value, (long)request.Version, channel);
        if (last is long at && DateTimeOffset.FromUnixTimeMilliseconds(at) + BetweenEscalations - now is { Ticks: > 0 } wait)
        {
            return wait < BetweenEscalations ? wait : BetweenEscalations;
        }

        session.Execute(
            $"""
            INSERT INTO deliveries (thread_id, request, channel, kind, state, due_at, note, escalated_at) VALUES ($1, $2, $3, 'escalation', 'open', $4, $5, $4)
            ON CONFLICT DO UPDATE SET {NextRound}, note = excluded.note, escalated_at = excluded.escalated_at
            """, thread.Value, (long)request.Version, channel, now.ToUnixTimeMilliseconds(), note);
        return TimeSpan.Zero;
    });

    private static bool IsSettled(Session session, ThreadId thread, RequestId request) => session.Scalar<long>(
        """
        SELECT EXISTS (SELECT 1 FROM events WHERE thread_id = $1 AND version > $2
          AND (type IN ('thread_cancelled', 'thread_failed') OR (type IN ('request_answered', 'request_expired', 'request_withdrawn') AND json_extract(data, '$.request') = $2)))
        """, thread.Value, (long)request.Version) == 1;
}
