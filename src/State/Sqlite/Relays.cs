using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Calls that have something under way elsewhere, and when to look again. Coordination only, like leases: what the
/// looks find is in the log. Beside them stands how often something of which the log does not say that it began was begun
/// and never ended; at that nobody looks. Thread-safe, and safe between processes.
/// </summary>
public sealed class Relays
{
    /// <summary>When the next look at what is only counted is due.</summary>
    internal const long Never = long.MaxValue;

    private const double LongestPause = 30;
    private const int InLine = 8;
    private readonly Database _database;
    private readonly GroupCommit _commits;

    internal Relays(Database database, GroupCommit commits) => (_database, _commits) = (database, commits);

    /// <summary>Notes a call before it begins, and that something is new with it: looks then come quickly again.</summary>
    public Task Begin(ThreadId thread, CallId call, DateTimeOffset now) => _commits.Run(session => session.Execute(
        """
        INSERT INTO relays (thread_id, call, next_at) VALUES ($1, $2, $3)
        ON CONFLICT (thread_id, call) DO UPDATE SET next_at = excluded.next_at, looks = 0
        """, thread.Value, (long)call.Version, (now + After(0)).ToUnixTimeMilliseconds()));

    /// <summary>Notes that a call goes on as it did: the next look comes after a pause from now, as long as the last or longer.</summary>
    public Task Again(ThreadId thread, CallId call, DateTimeOffset now) => _commits.Run(session => session.Execute(
        """
        INSERT INTO relays (thread_id, call, next_at) VALUES ($1, $2, $3)
        ON CONFLICT (thread_id, call) DO UPDATE SET next_at = excluded.next_at
        """, thread.Value, (long)call.Version, (now + After(session.Scalar<long>("SELECT max(looks) FROM relays WHERE thread_id = $1 AND call = $2", thread.Value, (long)call.Version)))
        .ToUnixTimeMilliseconds()));

    /// <summary>The calls to look at now. Each is given to one process, which looks and says what became of it.</summary>
    public async Task<IReadOnlyList<(ThreadId Thread, CallId Call)>> Claim(DateTimeOffset now, int limit)
    {
        var due = Due(now, limit);
        return due.Count == 0 ? [] : await _commits.Run(session => due.Where(one => session.Execute(
            "UPDATE relays SET next_at = $1, looks = looks + 1 WHERE thread_id = $2 AND call = $3 AND looks = $4 AND next_at <= $5",
            (now + After(one.Looks + 1)).ToUnixTimeMilliseconds(), one.Thread.Value, (long)one.Call.Version, one.Looks, now.ToUnixTimeMilliseconds()) == 1)
            .Select(one => (one.Thread, one.Call)).ToList()).ConfigureAwait(false);
    }

    /// <summary>Its thread has ended: the next look is due at once.</summary>
    public async Task Hurry(ThreadId thread)
    {
        if (_database.Read(session => session.Scalar<long>("SELECT count(*) FROM relays WHERE thread_id = $1 AND next_at < $2", thread.Value, Never)) > 0)
        {
            await _commits.Run(session => session.Execute("UPDATE relays SET next_at = 0, looks = 0 WHERE thread_id = $1 AND next_at < $2", thread.Value, Never)).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Whoever looked knows nothing of it. It is due at once, so that whichever looks next is another process; after that many
    /// looks nobody has known it, and they come as seldom as any.
    /// </summary>
    public Task HandOn(ThreadId thread, CallId call) => _commits.Run(session =>
        session.Execute("UPDATE relays SET next_at = 0 WHERE thread_id = $1 AND call = $2 AND looks <= $3", thread.Value, (long)call.Version, (long)InLine));

    /// <summary>Nothing of the call is under way any more.</summary>
    public Task End(ThreadId thread, CallId call) =>
        _commits.Run(session => session.Execute("DELETE FROM relays WHERE thread_id = $1 AND call = $2", thread.Value, (long)call.Version));

    /// <summary>Notes that something is begun. Returns how often it was since it was last over.</summary>
    /// <param name="of">The call or the version it is for.</param>
    public Task<long> Count(ThreadId thread, CallId of) => _commits.Run(session => session.Scalar<long>(
        """
        INSERT INTO relays (thread_id, call, next_at, looks) VALUES ($1, $2, $3, 1)
        ON CONFLICT (thread_id, call) DO UPDATE SET looks = looks + 1 WHERE next_at = $3 RETURNING looks
        """, thread.Value, (long)of.Version, Never));

    /// <summary>How often it was begun since it was last over.</summary>
    public long Counted(ThreadId thread, CallId of) => _database.Read(session => session.Scalar<long>(
        "SELECT max(looks) FROM relays WHERE thread_id = $1 AND call = $2 AND next_at = $3", thread.Value, (long)of.Version, Never));

    /// <summary>It is over.</summary>
    public Task Uncount(ThreadId thread, CallId of) =>
        _commits.Run(session => session.Execute("DELETE FROM relays WHERE thread_id = $1 AND call = $2 AND next_at = $3", thread.Value, (long)of.Version, Never));

    private List<(ThreadId Thread, CallId Call, long Looks)> Due(DateTimeOffset now, int limit) => _database.Read(session => session.Rows(
        "SELECT thread_id, call, looks FROM relays WHERE next_at <= $1 ORDER BY next_at LIMIT $2",
        row => (ThreadId.Parse(row.GetString(0)), new CallId(row.GetInt32(1)), row.GetInt64(2)), now.ToUnixTimeMilliseconds(), (long)limit));

    // Soon at first, then ever more seldom: somebody may be asked there for days.
    private static TimeSpan After(long looks) => TimeSpan.FromSeconds(Math.Min(LongestPause, 0.25 * Math.Pow(1.5, Math.Min(looks, 30))));
}
