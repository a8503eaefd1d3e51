using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.State.Sqlite;

/// <summary>Reads across threads. Thread-safe.</summary>
public sealed partial class ThreadIndex(Database database)
{
    private const string Columns = """
        thread_id AS ThreadId, agent AS Agent, principal AS Principal, status AS Status, kind AS Kind, version AS Version,
        parent_id AS ParentId, root_id AS RootId, created_at AS CreatedAt, updated_at AS UpdatedAt, due_at AS DueAt, children AS Children
        """;

    /// <summary>Whose a thread is, the agent that the first of its callers was, and its own; null when there is no such thread.</summary>
    public (string Principal, string First, string Agent)? Belonging(ThreadId id) => database.Read(session => session.Rows(
        "SELECT t.principal, coalesce(r.agent, t.agent), t.agent FROM threads t LEFT JOIN threads r ON r.thread_id = t.root_id WHERE t.thread_id = $1",
        row => ((string, string, string)?)(row.GetString(0), row.GetString(1), row.GetString(2)), id.Value)).FirstOrDefault();

    /// <summary>The agent of a thread, also of one whose log cannot be read; null when there is no such thread.</summary>
    public string? AgentOf(ThreadId id) => database.Read(session => session.Rows("SELECT agent FROM threads WHERE thread_id = $1", row => row.GetString(0), id.Value)).FirstOrDefault();

    /// <summary>The version of one thread: the cheapest way to see whether it moved. 0 when there is no such thread.</summary>
    public int VersionOf(ThreadId id) =>
        (int)database.Read(session => session.Scalar<long>("SELECT version FROM threads WHERE thread_id = $1", id.Value));

    /// <summary>The versions of those of these threads that there are and, where a principal is given, that are theirs.</summary>
    public IReadOnlyDictionary<ThreadId, int> VersionsOf(IEnumerable<ThreadId> ids, string? principal = null) => database.Read(session => session.Rows(
        "SELECT thread_id, version FROM threads WHERE thread_id IN (SELECT value FROM json_each($1)) AND principal = coalesce($2, principal)",
        row => (Id: Threads.ThreadId.Parse(row.GetString(0)), Version: row.GetInt32(1)),
        Json(ids.Select(id => id.Value)), principal)).ToDictionary(row => row.Id, row => row.Version);

    /// <summary>Threads that can run on and that nobody alive holds a lease of, and threads whose time has come.</summary>
    /// <param name="limit">At most so many of the ones, and as many of the others.</param>
    /// <param name="without">Left out, so that they take no others' place.</param>
    public IReadOnlyList<ThreadId> Runnable(Owner self, DateTimeOffset now, int limit, IReadOnlyCollection<ThreadId>? without = null) => database.Read<IReadOnlyList<ThreadId>>(session =>
    {
        var moment = now.ToUnixTimeMilliseconds();
        var alive = session.Rows("SELECT DISTINCT owner FROM leases", row => row.GetString(0)).Where(owner => self.IsAlive(session, owner, moment));
        return
        [
            .. session.Rows(FreeSql, Id, Json(alive), (long)limit, Json(without)),
            .. session.Rows(DueSql, Id, moment, (long)limit, Json(without)),
        ];
    });

    // Each by its own index. As one query that is put in order they were found by reading all threads there are.
    internal const string FreeSql =
        """
        SELECT thread_id FROM threads t WHERE status = 'running'
          AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.thread_id = t.thread_id AND l.owner IN (SELECT value FROM json_each($1)))
          AND thread_id NOT IN (SELECT value FROM json_each($3))
        ORDER BY thread_id LIMIT $2
        """;

    internal const string DueSql =
        "SELECT thread_id FROM threads WHERE due_at <= $1 AND thread_id NOT IN (SELECT value FROM json_each($3)) ORDER BY due_at LIMIT $2";

    internal static string Json(IReadOnlyCollection<ThreadId>? threads) => Json((threads ?? []).Select(thread => thread.Value));

    private static string Json(IEnumerable<string> ids) => $"[{string.Join(',', ids.Select(id => $"\"{id}\""))}]";

    internal static ThreadId Id(Row row) => Threads.ThreadId.Parse(row.GetString(0));

    internal static void Project(Session session, AgentThread thread, int from)
    {
        var row = RowOf(thread);
        var changed = from == 0
            ? session.Execute(
                """
                INSERT INTO threads (thread_id, agent, principal, status, kind, version, parent_id, root_id, created_at, updated_at, due_at, children)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                """,
                row.ThreadId, row.Agent, row.Principal, row.Status, row.Kind, row.Version, row.ParentId, row.RootId, row.CreatedAt, row.UpdatedAt, row.DueAt, row.Children)
            : session.Execute(
                "UPDATE threads SET status = $2, kind = $3, version = $4, updated_at = $5, due_at = $6, children = $8 WHERE thread_id = $1 AND version = $7",
                row.ThreadId, row.Status, row.Kind, row.Version, row.UpdatedAt, row.DueAt, (long)from, row.Children);
        if (changed != 1)
        {
            throw new ConflictException(thread.Id);
        }
    }

    internal static ThreadRow? Find(Session session, string id) =>
        session.Connection.QuerySingleOrDefault<ThreadRow>($"SELECT {Columns} FROM threads WHERE thread_id = @id", new { id });

    internal static ThreadRow RowOf(AgentThread thread)
    {
        // A workflow at work keeps its own time; what it asks meanwhile is listed once it waits for nothing else.
        IReadOnlyList<OpenRequest> open = thread.Status == ThreadStatus.Pending ? thread.OpenRequests : [];
        return new(thread.Id.Value, thread.Start.Agent, thread.Start.Principal, WireName.Of(thread.Status), KindOf(open), thread.Version,
            thread.Start.Parent?.Value, (thread.Start.Root ?? thread.Id).Value,
            thread.Start.At.ToUnixTimeMilliseconds(), thread.UpdatedAt.ToUnixTimeMilliseconds(), open.Min(one => one.Asked.DueAt)?.ToUnixTimeMilliseconds(),
            thread.State is Threads.ThreadState.Working && thread.Children.Count is > 0 and var children ? children : null);
    }

    // Of several, one that a person can answer.
    private static string? KindOf(IReadOnlyList<OpenRequest> open) =>
        open.OrderBy(one => one.Asked.Kind is RequestKind.Child or RequestKind.Sleep or RequestKind.ExternalResult).FirstOrDefault() is { } first ? WireName.Of(first.Asked.Kind) : null;
}

/// <summary>The projection of one thread. Times are milliseconds since 1970, UTC.</summary>
/// <param name="Children">Of a workflow: how many children it waits for; null for none.</param>
public sealed record ThreadRow(
    string ThreadId, string Agent, string Principal, string Status, string? Kind, long Version,
    string? ParentId, string RootId, long CreatedAt, long UpdatedAt, long? DueAt, long? Children = null);
