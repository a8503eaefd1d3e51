namespace AgentMcp.State.Sqlite;

/// <summary>
/// Numbers over all threads of the database, for whoever watches it. Each is counted from an index when it is asked for,
/// so asking takes longer the more threads there are: some milliseconds for a hundred thousand. Thread-safe.
/// </summary>
public sealed class ThreadCounts(Database database)
{
    public IReadOnlyList<(string Status, long Count)> ByStatus() => database.Read(session => session.Rows(
        "SELECT status, count(*) FROM threads GROUP BY status", row => (row.GetString(0), row.GetInt64(1))));

    /// <summary>What people are asked, and since when the oldest of each kind waits.</summary>
    public IReadOnlyList<(string Kind, long Count, DateTimeOffset Oldest)> Asking() => database.Read(session => session.Rows(
        $"SELECT kind, count(*), min(updated_at) FROM threads WHERE {PendingIndex.Indexed} GROUP BY kind",
        row => (row.GetString(0), row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))));

    /// <summary>Messages to people that are still to be sent.</summary>
    public IReadOnlyList<(string Channel, long Count)> Owed() => database.Read(session => session.Rows(
        "SELECT channel, count(*) FROM deliveries WHERE state = 'open' GROUP BY channel", row => (row.GetString(0), row.GetInt64(1))));
}
