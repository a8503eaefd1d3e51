using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.State.Sqlite;

public sealed partial class ThreadIndex
{
    /// <summary>Newest first. Pass <see cref="ThreadPage.Next"/> on to go on; threads added meanwhile do not disturb the order.</summary>
    public ThreadPage List(ThreadFilter filter)
    {
        try
        {
            return AtOnce(filter);
        }
        catch (DatabaseException e) when (ReadApart.Helps(filter.Sight, e))
        {
            var unasked = filter with { Sight = ReadApart.Unasked(filter.Sight) };
            return Page(filter, ReadApart.Rows<ThreadRow>(database, filter.Sight,
                last => AtOnce(unasked with { Cursor = last is null ? filter.Cursor : Threads.ThreadId.Parse(last.ThreadId) }).Rows, row => row.ThreadId, filter.Limit + 1));
        }
    }

    private ThreadPage AtOnce(ThreadFilter filter) => Page(filter, database.Read(session => filter.Sight.Principals(session)
        .SelectMany(principal => Rows(session, filter, principal)).OrderByDescending(row => row.ThreadId, StringComparer.Ordinal).Take(filter.Limit + 1).ToList()));

    private static object Values(ThreadFilter filter, string principal, int stretch = 0, string? floor = null) => new
    {
        Principal = principal,
        filter.Sight.Me,
        Only = filter.Sight.OnlyJson,
        Hidden = filter.Sight.HiddenJson,
        Known = filter.Sight.KnownJson,
        Status = filter.Status is { } status ? WireName.Of(status) : null,
        filter.Agent,
        Kind = filter.Kind is { } kind ? WireName.Of(kind) : null,
        Before = filter.StartedBefore is { } before ? ThreadId.LowestAt(before) : null,
        After = filter.StartedAfter is { } after ? ThreadId.LowestAt(after) : null,
        Cursor = filter.Cursor?.Value,
        Stretch = stretch,
        Floor = floor,
        Limit = filter.Limit + 1,
    };

    private static ThreadPage Page(ThreadFilter filter, List<ThreadRow> rows) => rows.Count > filter.Limit
        ? new(rows[..filter.Limit], Threads.ThreadId.Parse(rows[filter.Limit - 1].ThreadId))
        : new(rows, null);

    internal static string ListSql(ThreadFilter filter, string principal, string above = "") =>
        $"SELECT {Columns} FROM threads WHERE {Sought(filter, principal)}{above}{filter.Sight.Sql(principal)} ORDER BY thread_id DESC LIMIT @Limit";

    // Each present filter is its own line of SQL, so that SQLite can use the index that begins with it. Of two that have one, a
    // plus keeps the other from being used: of an agent there may be any number, while few threads wait, run or fail. Only what
    // waits has a kind, and only that asks anybody, whatever status is looked for beside.
    private static string Sought(ThreadFilter filter, string principal)
    {
        var waits = filter.Kind is not null || filter.Sight.IsAsked(principal);
        var byStatus = waits || filter.Status is not (null or ThreadStatus.Completed);
        return "principal = @Principal"
            + (waits ? " AND status = 'pending'" : "")
            + (filter.Status is null ? "" : waits || (!byStatus && filter.Agent is not null) ? " AND +status = @Status" : " AND status = @Status")
            + (filter.Agent is null ? "" : byStatus ? " AND +agent = @Agent" : " AND agent = @Agent")
            + (filter.Kind is null ? "" : " AND kind = @Kind")
            + (filter.StartedBefore is null ? "" : " AND thread_id < @Before")
            + (filter.StartedAfter is null ? "" : " AND thread_id >= @After")
            + (filter.Cursor is null ? "" : " AND thread_id < @Cursor");
    }
}
