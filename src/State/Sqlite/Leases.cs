using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>The right to run one thread. A token is never given twice, and a later one is larger.</summary>
public sealed record Lease(ThreadId Thread, long Token);

/// <summary>What an append does with the lease, in the same commit.</summary>
public enum LeaseUse
{
    None,

    /// <summary>Take it if nobody alive holds it; the append stands either way.</summary>
    Take,

    Release,

    /// <summary>Take it away from whoever holds it, so that what they append next is refused.</summary>
    Revoke,
}

internal static class Leases
{
    public static Lease? Take(Session session, Owner owner, ThreadId thread, DateTimeOffset now)
    {
        // The usual case in one statement: nobody holds it, and this owner's row is good for a while.
        var token = Insert(session, owner, thread, now);
        if (token == 0)
        {
            var holder = session.Scalar<string>("SELECT owner FROM leases WHERE thread_id = $1", thread.Value);
            if (holder is not null && owner.IsAlive(session, holder, now.ToUnixTimeMilliseconds()))
            {
                return null;
            }

            Revoke(session, thread);
            Renew(session, owner, now);
            token = Insert(session, owner, thread, now);
        }

        return new(thread, token);
    }

    public static bool Holds(Session session, Lease lease) =>
        session.Scalar<long>("SELECT 1 FROM leases WHERE token = $1 AND thread_id = $2", lease.Token, lease.Thread.Value) == 1;

    public static Lease? Release(Session session, Lease lease)
    {
        session.Execute("DELETE FROM leases WHERE token = $1", lease.Token);
        return null;
    }

    public static Lease? Revoke(Session session, ThreadId thread)
    {
        session.Execute("DELETE FROM leases WHERE thread_id = $1", thread.Value);
        return null;
    }

    public static HashSet<ThreadId> Renew(Session session, Owner owner, DateTimeOffset now)
    {
        session.Execute("INSERT INTO owners (owner, expires_at) VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at",
            owner.Id, (now + Owner.Lifetime).ToUnixTimeMilliseconds());
        session.Execute("DELETE FROM owners WHERE expires_at < $1 AND owner NOT IN (SELECT owner FROM leases)", now.ToUnixTimeMilliseconds());
        return [.. session.Rows("SELECT thread_id FROM leases WHERE owner = $1", row => ThreadId.Parse(row.GetString(0)), owner.Id)];
    }

    // That the owner lives is asked of the table, not remembered: a renewal rolled back with its commit never happened.
    private static long Insert(Session session, Owner owner, ThreadId thread, DateTimeOffset now) => session.Scalar<long>(
        """
        INSERT INTO leases (thread_id, owner)
        SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM owners WHERE owner = $2 AND expires_at > $3)
        ON CONFLICT (thread_id) DO NOTHING RETURNING token
        """, thread.Value, owner.Id, (now + (Owner.Lifetime / 2)).ToUnixTimeMilliseconds());
}
