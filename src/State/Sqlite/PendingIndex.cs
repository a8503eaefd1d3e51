using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.State.Sqlite;

/// <summary>The threads that wait for a person. Every read uses an index that holds nothing else. Thread-safe.</summary>
public sealed class PendingIndex(Database database)
{
    /// <summary>What people are asked; a result that is awaited comes from anywhere, and is listed when asked for.</summary>
    private const string Asked = "kind IN ('question', 'approval', 'budget', 'in_doubt')";

    // In the words of the index, or SQLite does not use it.
    internal const string Indexed = "kind IN ('question', 'approval', 'external_result', 'budget', 'in_doubt')";

    /// <summary>Newest first, one page.</summary>
    public PendingPage List(PendingFilter filter) => database.Read(session =>
    {
        var rows = session.Connection.Query<PendingRow>(ListSql(filter), new
        {
            filter.Principal,
            filter.Agent,
            Kind = filter.Kind is { } kind ? WireName.Of(kind) : null,
            Before = filter.AskedBefore?.ToUnixTimeMilliseconds(),
            CursorAt = filter.Cursor?.AskedAt,
            CursorThread = filter.Cursor?.ThreadId,
            Limit = filter.Limit + 1,
        }).AsList();
        return rows.Count > filter.Limit ? new PendingPage(rows[..filter.Limit], rows[filter.Limit - 1]) : new(rows, null);
    });

    public long Count(string principal) => database.Read(session => session.Scalar<long>(
        $"SELECT count(*) FROM threads WHERE principal = $1 AND {Indexed} AND {Asked}", principal));

    /// <summary>The agents that wait for somebody, by name.</summary>
    public IReadOnlyList<string> Agents(string principal) => database.Read(session => session.Rows(
        $"SELECT DISTINCT agent FROM threads WHERE principal = $1 AND {Indexed} ORDER BY agent", row => row.GetString(0), principal));

    internal static string ListSql(PendingFilter filter) =>
        $"SELECT thread_id AS ThreadId, agent AS Agent, kind AS Kind, updated_at AS AskedAt FROM threads WHERE principal = @Principal AND {Indexed}"
            + (filter.Kind is null ? $" AND {Asked}" : " AND kind = @Kind")
            + (filter.Agent is null ? "" : " AND agent = @Agent")
            + (filter.AskedBefore is null ? "" : " AND updated_at <= @Before")
            + (filter.Cursor is null ? "" : " AND (updated_at, thread_id) < (@CursorAt, @CursorThread)")
            + " ORDER BY updated_at DESC, thread_id DESC LIMIT @Limit";
}

/// <param name="Cursor">The last row of the page before.</param>
public sealed record PendingFilter(
    string Principal, string? Agent = null, RequestKind? Kind = null, DateTimeOffset? AskedBefore = null, PendingRow? Cursor = null, int Limit = 50);

/// <param name="Next">What the next page begins after; null when this is the last.</param>
public sealed record PendingPage(IReadOnlyList<PendingRow> Rows, PendingRow? Next);

/// <param name="AskedAt">Milliseconds since 1970, UTC.</param>
public sealed record PendingRow(string ThreadId, string Agent, string Kind, long AskedAt);
