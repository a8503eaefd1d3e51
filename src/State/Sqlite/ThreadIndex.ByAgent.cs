using Dapper;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Pages for a reader who sees the threads of some agents, and what those called. Where they are many they are found among the
/// newest; where they are few, by the index of their agents. Nobody knows beforehand which it is, so both are tried over
/// a stretch that grows until one of them suffices, and a page costs no more than the cheaper of the two, a few times over.
/// </summary>
public sealed partial class ThreadIndex
{
    private const int FirstStretch = 4;

    private static IEnumerable<ThreadRow> Rows(Session session, ThreadFilter filter, string principal)
    {
        for (var stretch = FirstStretch * filter.Limit; filter.Sight.IsByAgent(principal); stretch *= FirstStretch)
        {
            var floor = session.Connection.QueryFirstOrDefault<string>(FloorSql(filter, principal), Values(filter, principal, stretch));
            if (floor is null)
            {
                break;
            }

            var newest = session.Connection.Query<ThreadRow>(ListSql(filter, principal, above: " AND thread_id > @Floor"), Values(filter, principal, stretch, floor)).AsList();
            if (newest.Count > filter.Limit)
            {
                return newest;
            }

            if (session.Connection.ExecuteScalar<long>(CountOfAgentsSql(filter.Sight, principal), Values(filter, principal, stretch)) <= stretch)
            {
                return session.Connection.Query<ThreadRow>(ListOfAgentsSql(filter, principal), Values(filter, principal, stretch));
            }
        }

        return session.Connection.Query<ThreadRow>(ListSql(filter, principal), Values(filter, principal));
    }

    private static string FloorSql(ThreadFilter filter, string principal) =>
        $"SELECT thread_id FROM threads WHERE {Sought(filter, principal)} ORDER BY thread_id DESC LIMIT 1 OFFSET @Stretch";

    // Each name by one look into the index, and then its threads. Not materialized, or they would all be read before the first is counted.
    private static string OfAgents(Sight sight, string principal) =>
        $"""
        WITH RECURSIVE names (agent) AS (
          SELECT min(agent) FROM threads WHERE principal = @Principal
          UNION ALL
          SELECT (SELECT min(agent) FROM threads WHERE principal = @Principal AND agent > names.agent) FROM names WHERE agent IS NOT NULL),
        own (id) AS NOT MATERIALIZED (
          SELECT t.thread_id FROM names CROSS JOIN threads t ON t.principal = @Principal AND t.agent = names.agent
          WHERE names.agent IS NOT NULL{sight.ByAgent(principal, "names.agent")}),
        called (root, id) AS NOT MATERIALIZED (
          SELECT own.id, c.thread_id FROM own CROSS JOIN threads c ON c.root_id = own.id WHERE c.parent_id IS NOT NULL)
        """;

    internal static string CountOfAgentsSql(Sight sight, string principal) =>
        $"{OfAgents(sight, principal)} SELECT count(*) FROM (SELECT 1 FROM (SELECT id FROM own UNION ALL SELECT id FROM called) LIMIT @Stretch + 1)";

    // What one of them is itself called for is seen by whoever sees the first of its callers.
    internal static string ListOfAgentsSql(ThreadFilter filter, string principal) =>
        $"""
        {OfAgents(filter.Sight, principal)}
        SELECT {Columns} FROM (SELECT id, id AS root FROM own UNION ALL SELECT id, root FROM called) seen
        CROSS JOIN threads ON threads.thread_id = seen.id AND threads.root_id = seen.root
        WHERE {Sought(filter, principal)} ORDER BY thread_id DESC LIMIT @Limit
        """;
}
