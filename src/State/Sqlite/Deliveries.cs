using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>The messages that follow from events, written with them.</summary>
internal static class Deliveries
{
    /// <param name="first">The version of the first new event.</param>
    public static void Write(Session session, ThreadLog log, int first)
    {
        var events = log.Events;
        for (var version = first; version <= events.Count; version++)
        {
            switch (events[version - 1])
            {
                // A copy of a thread asks anew what is open in it, and nothing else.
                case RequestOpened asked when log.Thread.OpenRequests.Any(open => open.Id.Version == version):
                    Owe(session, log.Thread.Id, version, asked.At, asked.Reach ?? new([]));
                    OweReply(session, log.Thread, version, asked);
                    break;
                case RequestAnswered answered:
                    Settle(session, log, answered.Request.Version, answered.At);
                    break;
                case RequestExpired expired:
                    Settle(session, log, expired.Request.Version, expired.At);
                    break;
                case RequestWithdrawn withdrawn:
                    Settle(session, log, withdrawn.Request.Version, withdrawn.At);
                    break;
                case ThreadCancelled or ThreadFailed:
                    SettleAll(session, log, version, events[version - 1].At);
                    break;
            }
        }

        if (log.Thread.IsFinal)
        {
            OweReply(session, log.Thread, events.Count, events[^1]);
            foreach (var channel in (events[^1] as ThreadCompleted)?.Channels ?? [])
            {
                Owe(session, log.Thread.Id, events.Count, channel, DeliveryKind.Ended, events[^1].At);
            }
        }
    }

    // Where a thread came from is told what it asks and how it ends; of what it calls, only what that asks.
    private static void OweReply(Session session, AgentThread thread, int version, ThreadEvent happened)
    {
        DeliveryKind? kind = happened switch
        {
            RequestOpened { Kind: RequestKind.NextStep or RequestKind.Sleep or RequestKind.Child } => null,
            RequestOpened => DeliveryKind.Reply,
            ThreadCompleted or ThreadFailed or ThreadCancelled when thread.Start.Parent is null => DeliveryKind.Ended,
            _ => null,
        };
        if (kind is { } owed && Places.Of(session, thread) is { Channel: { } channel })
        {
            Owe(session, thread.Id, version, channel, owed, happened.At);
        }
    }

    private static void Owe(Session session, ThreadId thread, int request, DateTimeOffset at, Reach reach)
    {
        foreach (var channel in reach.Channels)
        {
            Owe(session, thread, request, channel, DeliveryKind.Request, at);
            if (reach.RemindAt is { } remindAt)
            {
                Owe(session, thread, request, channel, DeliveryKind.Reminder, remindAt);
            }
        }

        if (reach is { EscalateTo: { } other, EscalateAt: { } escalateAt })
        {
            Owe(session, thread, request, other, DeliveryKind.Escalation, escalateAt);
        }
    }

    private static void Owe(Session session, ThreadId thread, int request, string channel, DeliveryKind kind, DateTimeOffset due) => session.Execute(
        // A channel that is named twice is told once.
        "INSERT OR IGNORE INTO deliveries (thread_id, request, channel, kind, state, due_at) VALUES ($1, $2, lower($3), $4, 'open', $5)",
        thread.Value, (long)request, channel, WireName.Of(kind), due.ToUnixTimeMilliseconds());

    private static void Settle(Session session, ThreadLog log, int request, DateTimeOffset at)
    {
        // Most requests are told to nobody by themselves; of those, what is owed was a reply or was escalated by hand.
        if (log.Events[request - 1] is not RequestOpened asked || (asked.Reach is null && !IsOwed(session, log.Thread.Id, request)))
        {
            return;
        }

        session.Execute(
            "UPDATE deliveries SET state = 'dropped', due_at = NULL WHERE thread_id = $1 AND request = $2 AND kind <> 'closed' AND state = 'open'",
            log.Thread.Id.Value, (long)request);
        session.Execute(
            """
            INSERT OR IGNORE INTO deliveries (thread_id, request, channel, kind, state, due_at)
            SELECT DISTINCT thread_id, request, channel, 'closed', 'open', $3
            FROM deliveries WHERE thread_id = $1 AND request = $2 AND kind <> 'closed' AND (state = 'delivered' OR earlier IS NOT NULL)
            """, log.Thread.Id.Value, (long)request, at.ToUnixTimeMilliseconds());
    }

    private static bool IsOwed(Session session, ThreadId thread, int request) => session.Scalar<long>(
        "SELECT EXISTS (SELECT 1 FROM deliveries WHERE thread_id = $1 AND request = $2)", thread.Value, (long)request) > 0;

    // Of an agent one is open at most; of a workflow there may be several. Settling what was settled changes nothing.
    private static void SettleAll(Session session, ThreadLog log, int end, DateTimeOffset at)
    {
        for (var version = 1; version < end; version++)
        {
            Settle(session, log, version, at);
        }
    }
}
