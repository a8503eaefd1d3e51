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
        var values = new
        {
            filter.Principal,
            Status = filter.Status is { } status ? WireName.Of(status) : null,
            filter.Agent,
            Cursor = filter.Cursor?.Value,
            Stretch,
            Pattern = $"%{Escaped(text)}%",
            filter.Limit,
        };
        var found = session.Connection.Query<ThreadRow>(FindSql(filter), values).AsList();
        var last = found.Count == filter.Limit
            ? found[^1].ThreadId
            : session.Connection.QueryFirstOrDefault<string>($"SELECT ThreadId FROM ({StretchSql(filter)}) ORDER BY ThreadId LIMIT 1", values);
        var end = last is not null && IsMore(session, filter.Principal, last) ? ThreadId.Parse(last) : (ThreadId?)null;
        return new SearchPage(found, end);
    });

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

    internal static string FindSql(ThreadFilter filter) =>
        $"""
        SELECT * FROM ({StretchSql(filter)}) t
        WHERE EXISTS (SELECT 1 FROM events e WHERE e.thread_id = t.ThreadId AND e.data LIKE @Pattern ESCAPE '\')
        ORDER BY ThreadId DESC LIMIT @Limit
        """;

    private static string StretchSql(ThreadFilter filter) =>
        $"SELECT {Columns} FROM threads WHERE principal = @Principal"
            + (filter.Status is null ? "" : " AND status = @Status")
            + (filter.Agent is null ? "" : " AND agent = @Agent")
            + (filter.Cursor is null ? "" : " AND thread_id < @Cursor")
            + " ORDER BY thread_id DESC LIMIT @Stretch";

    private static bool IsMore(Session session, string principal, string last) =>
        session.Scalar<long>("SELECT EXISTS (SELECT 1 FROM threads WHERE principal = $1 AND thread_id < $2)", principal, last) == 1;

    // As it stands in the stored JSON, and with what LIKE would take for wildcards made plain.
    private static string Escaped(string text) => Json.JsonText.Of(text).Text[1..^1]
        .Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}

/// <param name="Next">What the next page begins after; null when everything was looked through.</param>
public sealed record SearchPage(IReadOnlyList<ThreadRow> Rows, ThreadId? Next);
