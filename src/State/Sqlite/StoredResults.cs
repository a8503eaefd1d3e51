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
        CROSS JOIN events b ON b.thread_id = r.thread_id AND b.version = 1
        WHERE r.type = 'tool_returned' AND json_extract(r.data, '$.cached') IS NULL
          AND json_extract(r.data, '$.at') >= $1
          AND t.principal = $2
          AND json_extract(s.data, '$.intent') = $3
          AND json_extract(b.data, '$.definition') = $4
        ORDER BY json_extract(r.data, '$.at') DESC
        """;

    // Where the call waited for anybody, a person may have given the result or other arguments; and a thread that has
    // changed its definition is no longer what it began as.
    private const string CameAboutOtherwise =
        """
        SELECT count(*)
        FROM events
        WHERE thread_id = $1 AND version < $2
          AND (type = 'definition_changed' OR (type = 'request_opened' AND version > $3))
        """;

    /// <summary>
    /// The newest result that this tool itself returned for these arguments, in a thread of the same principal and the same
    /// definition: that says how a result comes about and how much of it is kept. Null when there is none.
    /// </summary>
    /// <param name="since">What was looked at after this counts: a look that began earlier may have seen what was there before, however late it ended.</param>
    public (JsonText Result, Cached From)? Newest(string principal, string definition, string tool, JsonText arguments, DateTimeOffset since) => database.Read(session =>
        session.Rows(Sql, row => (
            From: (Thread: row.GetString(0), Version: row.GetInt32(1)), Returned: (ToolReturned)ThreadJson.Read(row.GetString(2)), Step: (StepChosen)ThreadJson.Read(row.GetString(3))),
            since.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), principal, tool, definition)
        .Where(one => one.Step.Arguments == arguments && one.Step.At > since)
        .Where(one => session.Scalar<long>(CameAboutOtherwise, one.From.Thread, (long)one.From.Version, (long)one.Returned.Call.Version) == 0)
        .Select(one => ((JsonText, Cached)?)(one.Returned.Result, new(ThreadId.Parse(one.From.Thread), one.From.Version, one.Returned.At)))
        .FirstOrDefault());
}
