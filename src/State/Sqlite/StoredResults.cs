using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>Results that tools returned before, found in the logs themselves: there is no copy that could be older than they are. Thread-safe.</summary>
public sealed class StoredResults(Database database)
{
    // CROSS keeps the order: what is young is little, and a principal may have very many threads.
    // Times are compared as they are written, in UTC; the fraction of a second may be missing, and + sorts before the point.
    internal const string Sql =
        """
        SELECT r.thread_id, r.version, r.data, s.data
        FROM events r
        CROSS JOIN threads t ON t.thread_id = r.thread_id
        CROSS JOIN events s ON s.thread_id = r.thread_id AND s.version = json_extract(r.data, '$.call')
        WHERE r.type = 'tool_returned' AND json_extract(r.data, '$.cached') IS NULL
          AND json_extract(r.data, '$.at') >= $1
          AND t.principal = $2
          AND json_extract(s.data, '$.intent') = $3
        ORDER BY json_extract(r.data, '$.at') DESC
        """;

    /// <summary>The newest result of this tool with these arguments that a thread of the same principal was given; null when there is none.</summary>
    /// <param name="since">A result must be newer than this.</param>
    public (JsonText Result, Cached From)? Newest(string principal, string tool, JsonText arguments, DateTimeOffset since)
    {
        var found = database.Read(session => session.Rows(Sql, row => (
            From: (Thread: row.GetString(0), Version: row.GetInt32(1)), Returned: (ToolReturned)ThreadJson.Read(row.GetString(2)), Step: (StepChosen)ThreadJson.Read(row.GetString(3))),
            since.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), principal, tool));
        return found.Where(one => one.Step.Arguments == arguments && one.Returned.At > since)
            .Select(one => ((JsonText, Cached)?)(one.Returned.Result, new(ThreadId.Parse(one.From.Thread), one.From.Version, one.Returned.At)))
            .FirstOrDefault();
    }
}
