using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Deletes whole trees of threads that have ended and owe nobody anything, and records that it did. Thread-safe, and
/// safe beside running servers: a tree that somebody speaks to in between stays.
/// </summary>
public sealed class Purges(Database database)
{
    // As many trees go in one transaction: while it lasts, all other writers wait.
    private const int AtOnce = 100;

    // A tree goes as a whole or not at all. What is still to be told, or to be ended elsewhere, keeps it too.
    private static readonly string HasToStay =
        $"""
        SELECT 1 FROM tree WHERE status IN ('running', 'pending') OR updated_at >= $2
          OR EXISTS (SELECT 1 FROM deliveries d WHERE d.thread_id = tree.thread_id AND d.state = 'open')
          OR EXISTS (SELECT 1 FROM relays r WHERE r.thread_id = tree.thread_id AND r.next_at < {Relays.Never})
        """;

    private const string Tree =
        """
        WITH tree AS (SELECT * FROM threads WHERE thread_id = $1 UNION SELECT * FROM threads WHERE root_id = $1 AND parent_id IS NOT NULL)
        """;

    // Everything that belongs to a thread. A key is free again; that a message was dealt with is still known; definitions
    // are shared and stay, for a server may be about to start a thread under one.
    private static readonly string[] Deletions =
    [
        "DELETE FROM idempotency_keys WHERE thread_id IN (SELECT thread_id FROM temp.going)",
        "DELETE FROM deliveries WHERE thread_id IN (SELECT thread_id FROM temp.going)",
        "DELETE FROM places WHERE thread_id IN (SELECT thread_id FROM temp.going)",
        "DELETE FROM leases WHERE thread_id IN (SELECT thread_id FROM temp.going)",
        "DELETE FROM relays WHERE thread_id IN (SELECT thread_id FROM temp.going)",
        "UPDATE arrivals SET thread_id = NULL WHERE thread_id IN (SELECT thread_id FROM temp.going)",
        "UPDATE schedules SET thread_id = NULL, fired_for = NULL WHERE thread_id IN (SELECT thread_id FROM temp.going)",
        "DELETE FROM events WHERE thread_id IN (SELECT thread_id FROM temp.going)",
        "DELETE FROM threads WHERE thread_id IN (SELECT thread_id FROM temp.going)",
    ];

    /// <summary>What a purge would delete now: trees that have not changed since <paramref name="before"/>, by their threads, oldest first.</summary>
    /// <exception cref="DatabaseException">The file cannot be read.</exception>
    public IReadOnlyList<PurgedThread> Preview(DateTimeOffset before) => Alone(session =>
    {
        var moment = before.ToUnixTimeMilliseconds();
        return Roots(session, moment).SelectMany(root => session.Rows(
            $"{Tree} SELECT thread_id, agent, version FROM tree WHERE NOT EXISTS ({HasToStay}) ORDER BY thread_id", PurgedThread.Read, root, moment)).ToList();
    });

    /// <summary>Deletes them. Cut short, it has deleted whole trees and recorded each; the next purge takes the rest.</summary>
    /// <param name="by">Who wanted it.</param>
    /// <param name="held">Called when a reader keeps what was deleted, by this purge or one before, readable in the file for now.</param>
    /// <returns>What it did; null when there was nothing to delete, and then nothing is recorded.</returns>
    /// <exception cref="DatabaseException">The file cannot be read or written.</exception>
    public PurgeRecord? Run(DateTimeOffset before, string by, DateTimeOffset now, Action? held = null) => Alone(session =>
    {
        // What is deleted is overwritten, not only forgotten.
        session.Execute("PRAGMA secure_delete = ON");
        // References are looked up row by row, some in tables without an index for it. The deletions below leave none.
        session.Execute("PRAGMA foreign_keys = OFF");
        session.Execute("CREATE TEMP TABLE going (thread_id TEXT NOT NULL PRIMARY KEY, agent TEXT NOT NULL, events INTEGER NOT NULL) WITHOUT ROWID");
        long? purge = null;
        foreach (var roots in Roots(session, before.ToUnixTimeMilliseconds()).Chunk(AtOnce))
        {
            purge = Delete(session, roots, purge, (before.ToUnixTimeMilliseconds(), by, now.ToUnixTimeMilliseconds()));
        }

        var records = Records(session);
        if (!Overwrite(session) && records.Count > 0)
        {
            held?.Invoke();
        }

        return records.SingleOrDefault(record => record.Id == purge);
    });

    /// <summary>Every purge there was, oldest first.</summary>
    public IReadOnlyList<PurgeRecord> All() => database.Read(Records);

    // The zeros are in the log ahead of the file, where older pages with the words are too, and the file has what it had; all of
    // it stays while a server has it open. Whoever writes has to wait meanwhile, so no reader is waited for as long as a lock is.
    private static bool Overwrite(Session session)
    {
        session.Execute($"PRAGMA busy_timeout = {Math.Min(5000, session.Scalar<long>("PRAGMA busy_timeout"))}");
        return session.Scalar<long>("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
    }

    private static long? Delete(Session session, string[] roots, long? purge, (long Before, string By, long Now) what)
    {
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (var root in roots)
            {
                session.Execute(
                    $"{Tree} INSERT INTO temp.going SELECT thread_id, agent, version FROM tree WHERE NOT EXISTS ({HasToStay})", root, what.Before);
            }

            if (session.Scalar<long>("SELECT count(*) FROM temp.going") > 0)
            {
                purge ??= session.Scalar<long>("INSERT INTO purges (at, by, before) VALUES ($1, $2, $3) RETURNING purge", what.Now, what.By, what.Before);
                session.Execute("INSERT INTO purged (thread_id, purge, agent, events) SELECT thread_id, $1, agent, events FROM temp.going", purge);
                foreach (var deletion in Deletions)
                {
                    session.Execute(deletion);
                }

                session.Execute("DELETE FROM temp.going");
            }

            session.Execute("COMMIT");
            return purge;
        }
        finally
        {
            session.RollBack();
        }
    }

    // What has not changed since then began before it, and ids begin with that time: what is younger is not looked at.
    internal const string RootsSql =
        """
        SELECT thread_id FROM threads WHERE thread_id < $2 AND parent_id IS NULL AND updated_at < $1 AND status NOT IN ('running', 'pending') ORDER BY thread_id
        """;

    private static List<string> Roots(Session session, long before) =>
        session.Rows(RootsSql, row => row.GetString(0), before, ThreadId.LowestAt(Moment(before)));

    private static List<PurgeRecord> Records(Session session) => session.Rows(
        """
        SELECT p.purge, p.at, p.by, p.before, count(d.thread_id), coalesce(sum(d.events), 0)
        FROM purges p LEFT JOIN purged d ON d.purge = p.purge GROUP BY p.purge ORDER BY p.purge
        """,
        row => new PurgeRecord(row.GetInt64(0), Moment(row.GetInt64(1)), row.GetString(2), Moment(row.GetInt64(3)), row.GetInt64(4), row.GetInt64(5)));

    // A connection of its own, because its settings must not reach any other.
    private T Alone<T>(Func<Session, T> work)
    {
        try
        {
            using var session = new Session(database.ConnectAlone());
            return work(session);
        }
        catch (SqliteException e)
        {
            throw DatabaseException.From(database.Path, e);
        }
    }

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

/// <param name="By">Who wanted it.</param>
/// <param name="Before">Only trees that had not changed since then were deleted.</param>
public sealed record PurgeRecord(long Id, DateTimeOffset At, string By, DateTimeOffset Before, long Threads, long Events);

/// <param name="Events">How many events its log holds.</param>
public sealed record PurgedThread(string ThreadId, string Agent, long Events)
{
    internal static PurgedThread Read(Row row) => new(row.GetString(0), row.GetString(1), row.GetInt64(2));
}
