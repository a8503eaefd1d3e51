using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Reads everything there is, folds every log anew, and says what does not fit: the file itself, the logs, the rows that
/// follow from them, and the rows beside them. Changes nothing, and sees one moment also while servers write; for as long
/// as it takes, the write-ahead log grows. Thread-safe.
/// </summary>
public sealed class Verification(Database database)
{
    internal const string Rebuild = "Run agentmcp doctor --rebuild.";
    internal const string Restore = "Restore a backup (agentmcp restore FILE). All other threads go on; this one is left alone.";
    internal const string Delete = "Nothing reads it; restore a backup if it is missed.";

    /// <exception cref="DatabaseException">The file cannot be read at all.</exception>
    public Verified Run()
    {
        try
        {
            using var session = new Session(database.ConnectAlone());
            session.Execute("BEGIN");
            return Of(session);
        }
        catch (SqliteException e)
        {
            throw DatabaseException.From(database.Path, e);
        }
    }

    private static Verified Of(Session session)
    {
        List<Flaw> flaws = [.. InTheFile(session)];
        var definitions = Definitions(session, flaws);
        var (threads, events) = (0L, 0L);
        foreach (var id in Ids(session, flaws))
        {
            threads++;
            events += OfThread(session, id, definitions, flaws);
        }

        flaws.AddRange(RowChecks.All.SelectMany(check => Try(() => check.Of(session), "rows beside the logs")));
        return new(threads, events, flaws);
    }

    private static List<Flaw> InTheFile(Session session)
    {
        List<Flaw> found = [];
        // What it says before it gives up is kept.
        var unread = Try(() =>
        {
            session.Rows("PRAGMA integrity_check(20)", row => row.GetString(0) is var line && line != "ok" ? Add(line) : 0);
            return [];
        }, "the file");
        return [.. found, .. unread];

        int Add(string line)
        {
            found.Add(new(null, $"SQLite says: {line}", "Stop all servers and restore a backup (agentmcp restore FILE)."));
            return found.Count;
        }
    }

    // Both tables are asked: a thread that is missing in one must not be missed.
    private static SortedSet<string> Ids(Session session, List<Flaw> flaws)
    {
        SortedSet<string> ids = new(StringComparer.Ordinal);
        foreach (var sql in (string[])["SELECT thread_id FROM threads", "SELECT DISTINCT thread_id FROM events"])
        {
            flaws.AddRange(Try(() =>
            {
                ids.UnionWith(session.Rows(sql, row => row.GetString(0)));
                return [];
            }, "the list of threads"));
        }

        return ids;
    }

    private static HashSet<string> Definitions(Session session, List<Flaw> flaws)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        flaws.AddRange(Try(() =>
        {
            foreach (var (hash, data) in session.Rows("SELECT hash, data FROM definitions", row => (row.GetString(0), row.GetString(1))))
            {
                known.Add(hash);
                if (LogCheck.HashOf(data) != hash)
                {
                    flaws.Add(new(null, $"The definition {hash} is not what its hash says.", "Restore a backup (agentmcp restore FILE); threads under it would go on as another agent."));
                }
            }

            return [];
        }, "the definitions"));
        return known;
    }

    private static long OfThread(Session session, string id, HashSet<string> definitions, List<Flaw> flaws)
    {
        try
        {
            var stored = session.Rows("SELECT version, data FROM events WHERE thread_id = $1 ORDER BY version", row => (row.GetInt64(0), row.GetString(1)), id);
            var row = ThreadIndex.Find(session, id);
            var log = LogCheck.Of(id, stored, definitions);
            flaws.AddRange(log.Flaws);
            if (log.Thread is { } thread)
            {
                flaws.AddRange(LogCheck.Compare(ThreadIndex.RowOf(thread), row));
                flaws.AddRange(RowChecks.OfDeliveries(session, log.Events, thread));
            }

            return stored.Count;
        }
        catch (SqliteException e)
        {
            flaws.Add(new(id, $"It cannot be read: {e.Message}", Restore));
            return 0;
        }
    }

    private static List<Flaw> Try(Func<IEnumerable<Flaw>> check, string what)
    {
        try
        {
            return [.. check()];
        }
        catch (SqliteException e)
        {
            return [new(null, $"A part of {what} cannot be read: {e.Message}", "Stop all servers and restore a backup (agentmcp restore FILE).")];
        }
    }
}

/// <param name="Threads">How many were looked at.</param>
public sealed record Verified(long Threads, long Events, IReadOnlyList<Flaw> Flaws);

/// <param name="ThreadId">The thread it is about; null when it is about none or about all.</param>
public sealed record Flaw(string? ThreadId, string What, string ToDo);
