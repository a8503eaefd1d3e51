using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Finds threads by what was said in them, and the relatives of one. A search reads the logs themselves, so it looks
/// through a bounded stretch at a time and says where it stopped: a page costs the same however many threads there are. Thread-safe.
/// </summary>
public sealed class ThreadSearch(Database database)
{
    /// <summary>How many threads one search looks through.</summary>
    public const int Stretch = 5_000;

    private const string Columns = """
        thread_id AS ThreadId, agent AS Agent, principal AS Principal, status AS Status, kind AS Kind, version AS Version,
        parent_id AS ParentId, root_id AS RootId, created_at AS CreatedAt, updated_at AS UpdatedAt, due_at AS DueAt, children AS Children
        """;

    /// <summary>Threads in whose log the text stands, newest first; upper and lower case of a to z are the same.</summary>
    public SearchPage Find(ThreadFilter filter, string text) => database.Read(session =>
    {
        // Where a reader sees several principals' threads, each has a stretch, and the page ends where the first of them does.
        var pages = filter.Sight.Principals(session).Select(principal => Find(session, filter, principal, text)).ToList();
        var end = pages.Select(page => page.End).OfType<string>().Order(StringComparer.Ordinal).LastOrDefault();
        var rows = pages.SelectMany(page => page.Rows).Where(row => end is null || string.CompareOrdinal(row.ThreadId, end) >= 0)
            .OrderByDescending(row => row.ThreadId, StringComparer.Ordinal).ToList();
        return rows.Count > filter.Limit
            ? new SearchPage(rows[..filter.Limit], ThreadId.Parse(rows[filter.Limit - 1].ThreadId))
            : new(rows, end is null ? null : ThreadId.Parse(end));
    });

    private static (List<ThreadRow> Rows, string? End) Find(Session session, ThreadFilter filter, string principal, string text)
    {
        var values = new
        {
            Principal = principal,
            filter.Sight.Me,
            Only = filter.Sight.OnlyJson,
            Hidden = filter.Sight.HiddenJson,
            Known = filter.Sight.KnownJson,
            Status = filter.Status is { } status ? WireName.Of(status) : null,
            filter.Agent,
            Cursor = filter.Cursor?.Value,
            Stretch,
            Pattern = $"%{Escaped(text)}%",
            filter.Limit,
        };
        var found = session.Connection.Query<ThreadRow>(FindSql(filter, principal), values).AsList();
        var last = found.Count == filter.Limit
            ? found[^1].ThreadId
            : session.Connection.QueryFirstOrDefault<string>($"SELECT ThreadId FROM ({StretchSql(filter, principal)}) ORDER BY ThreadId LIMIT 1", values);
        return (found, last is not null && IsMore(session, principal, last) ? last : null);
    }

    /// <summary>A root and all that descends from it, oldest first.</summary>
    public IReadOnlyList<ThreadRow> Family(ThreadId root, int limit) => database.Read(session => session.Connection.Query<ThreadRow>(
        $"""
        SELECT {Columns} FROM threads WHERE thread_id = @root
        UNION ALL
        SELECT * FROM (SELECT {Columns} FROM threads WHERE root_id = @root AND parent_id IS NOT NULL ORDER BY thread_id LIMIT @limit)
        """, new { root = root.Value, limit }).AsList());

    /// <summary>The projection of a thread, also of one whose log cannot be read; null when this principal has none such.</summary>
    public ThreadRow? Row(ThreadId id, string principal) => database.Read(session => session.Connection.QuerySingleOrDefault<ThreadRow>(
        $"SELECT {Columns} FROM threads WHERE thread_id = @id AND principal = @principal", new { id = id.Value, principal }));

    internal static string FindSql(ThreadFilter filter, string principal) =>
        $"""
        SELECT * FROM ({StretchSql(filter, principal)}) t
        WHERE EXISTS (SELECT 1 FROM events e WHERE e.thread_id = t.ThreadId AND e.data LIKE @Pattern ESCAPE '\')
        ORDER BY ThreadId DESC LIMIT @Limit
        """;

    private static string StretchSql(ThreadFilter filter, string principal) =>
        $"SELECT {Columns} FROM threads WHERE principal = @Principal"
            + (filter.Status is null ? "" : " AND status = @Status")
            + (filter.Agent is null ? "" : " AND agent = @Agent")
            + (filter.Cursor is null ? "" : " AND thread_id < @Cursor")
            + filter.Sight.Sql(principal)
            + " ORDER BY thread_id DESC LIMIT @Stretch";

    private static bool IsMore(Session session, string principal, string last) =>
        session.Scalar<long>("SELECT EXISTS (SELECT 1 FROM threads WHERE principal = $1 AND thread_id < $2)", principal, last) == 1;

    // As it stands in the stored JSON, and with what LIKE would take for wildcards made plain.
    private static string Escaped(string text) => Json.JsonText.Of(text).Text[1..^1]
        .Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}

/// <param name="Next">What the next page begins after; null when everything was looked through.</param>
public sealed record SearchPage(IReadOnlyList<ThreadRow> Rows, ThreadId? Next);
