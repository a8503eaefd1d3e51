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
    public PendingPage List(PendingFilter filter)
    {
        try
        {
            return AtOnce(filter);
        }
        catch (DatabaseException e) when (ReadApart.Helps(filter.Sight, e))
        {
            var unasked = filter with { Sight = ReadApart.Unasked(filter.Sight) };
            return Page(filter, ReadApart.Rows<PendingRow>(database, filter.Sight, last => AtOnce(unasked with { Cursor = last ?? filter.Cursor }).Rows, row => row.ThreadId, filter.Limit + 1));
        }
    }

    private PendingPage AtOnce(PendingFilter filter) => database.Read(session =>
    {
        var rows = filter.Sight.Principals(session).SelectMany(principal => session.Connection.Query<PendingRow>(ListSql(filter, principal), new
        {
            Principal = principal,
            filter.Sight.Me,
            Only = filter.Sight.OnlyJson,
            Hidden = filter.Sight.HiddenJson,
            Known = filter.Sight.KnownJson,
            filter.Agent,
            Kind = filter.Kind is { } kind ? WireName.Of(kind) : null,
            Before = filter.AskedBefore?.ToUnixTimeMilliseconds(),
            CursorAt = filter.Cursor?.AskedAt,
            CursorThread = filter.Cursor?.ThreadId,
            Limit = filter.Limit + 1,
        })).OrderByDescending(row => row.AskedAt).ThenByDescending(row => row.ThreadId, StringComparer.Ordinal).Take(filter.Limit + 1).ToList();
        return Page(filter, rows);
    });

    private static PendingPage Page(PendingFilter filter, List<PendingRow> rows) =>
        rows.Count > filter.Limit ? new(rows[..filter.Limit], rows[filter.Limit - 1]) : new(rows, null);

    /// <summary>How many wait; of more than <see cref="Counted"/>, at least that many.</summary>
    public long Count(Sight sight)
    {
        try
        {
            return database.Read(session => sight.Principals(session).Sum(principal =>
                session.Connection.ExecuteScalar<long>(CountSql(sight.Sql(principal)), Values(sight, principal))));
        }
        catch (DatabaseException e) when (ReadApart.Helps(sight, e))
        {
            return List(new(sight, Limit: Counted)).Rows.Count;
        }
    }

    /// <summary>The agents that wait for somebody, by name, among the newest <see cref="Counted"/> of each principal.</summary>
    public IReadOnlyList<string> Agents(Sight sight)
    {
        try
        {
            return InOrder(database.Read(session => sight.Principals(session)
                .SelectMany(principal => session.Connection.Query<string>(AgentsSql(sight.Sql(principal)), Values(sight, principal))).ToList()));
        }
        catch (DatabaseException e) when (ReadApart.Helps(sight, e))
        {
            return InOrder(new RequestKind?[] { null, RequestKind.ExternalResult }.SelectMany(kind => List(new(sight, Kind: kind, Limit: Counted)).Rows).Select(row => row.Agent));
        }

        static List<string> InOrder(IEnumerable<string> agents) => [.. agents.Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>So far is counted: a page must not take longer the more threads wait.</summary>
    public const int Counted = 1000;

    internal static string CountSql(string seen = "") =>
        $"SELECT count(*) FROM (SELECT 1 FROM threads WHERE principal = @Principal AND {Indexed} AND {Asked}{seen} LIMIT {Counted})";

    internal static string AgentsSql(string seen = "") =>
        $"SELECT DISTINCT agent FROM (SELECT agent FROM threads WHERE principal = @Principal AND {Indexed}{seen} ORDER BY updated_at DESC, thread_id DESC LIMIT {Counted})";

    private static object Values(Sight sight, string principal) => new { Principal = principal, sight.Me, Only = sight.OnlyJson, Hidden = sight.HiddenJson, Known = sight.KnownJson };

    internal static string ListSql(PendingFilter filter, string principal) =>
        $"SELECT thread_id AS ThreadId, agent AS Agent, kind AS Kind, updated_at AS AskedAt FROM threads WHERE principal = @Principal AND {Indexed}"
            + (filter.Kind is null ? $" AND {Asked}" : " AND kind = @Kind")
            + (filter.Agent is null ? "" : " AND agent = @Agent")
            + (filter.AskedBefore is null ? "" : " AND updated_at <= @Before")
            + (filter.Cursor is null ? "" : " AND (updated_at, thread_id) < (@CursorAt, @CursorThread)")
            + filter.Sight.Sql(principal)
            + " ORDER BY updated_at DESC, thread_id DESC LIMIT @Limit";
}

/// <param name="Cursor">The last row of the page before.</param>
public sealed record PendingFilter(
    Sight Sight, string? Agent = null, RequestKind? Kind = null, DateTimeOffset? AskedBefore = null, PendingRow? Cursor = null, int Limit = 50);

/// <param name="Next">What the next page begins after; null when this is the last.</param>
public sealed record PendingPage(IReadOnlyList<PendingRow> Rows, PendingRow? Next);

/// <param name="AskedAt">Milliseconds since 1970, UTC.</param>
public sealed record PendingRow(string ThreadId, string Agent, string Kind, long AskedAt);
