using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// A search that looks into the logs of the threads it is about. One that cannot be read fails it for all; then they are
/// listed without a look into any log, and each is asked about by itself. Slower, and only then. Thread-safe.
/// </summary>
public sealed class LogSearch
{
    private readonly Database _database;
    private readonly string _candidatesSql;

    /// <param name="thread">The column that is searched for.</param>
    /// <param name="rows">What of the rows there has to be, from FROM on.</param>
    /// <param name="logs">What has to be in the logs, and what that leads to.</param>
    internal LogSearch(Database database, string thread, string rows, string logs)
    {
        _database = database;
        Sql = $"SELECT {thread} {rows} AND {logs} AND {thread} NOT IN (SELECT value FROM json_each($2)) LIMIT $1";
        OneSql = $"SELECT EXISTS (SELECT 1 {rows} AND {logs} AND {thread} = $1)";
        _candidatesSql = $"SELECT {thread} {rows} AND {thread} NOT IN (SELECT value FROM json_each($1))";
    }

    internal string Sql { get; }

    internal string OneSql { get; }

    /// <param name="without">Left out, so that they take no others' place.</param>
    public IReadOnlyList<ThreadId> AtOnce(int limit, IReadOnlyCollection<ThreadId>? without = null) =>
        _database.Read(session => session.Rows(Sql, ThreadIndex.Id, (long)limit, ThreadIndex.Json(without)));

    /// <summary>All that may be what is searched for, however many.</summary>
    /// <inheritdoc cref="AtOnce"/>
    public IReadOnlyList<ThreadId> Candidates(IReadOnlyCollection<ThreadId>? without = null) =>
        _database.Read(session => session.Rows(_candidatesSql, ThreadIndex.Id, ThreadIndex.Json(without)));

    /// <summary>Whether this one thread is what is searched for.</summary>
    public bool Finds(ThreadId thread) => _database.Read(session => session.Scalar<long>(OneSql, thread.Value)) == 1;
}
