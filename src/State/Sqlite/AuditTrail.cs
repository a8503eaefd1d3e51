using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Who did what, oldest first. What concerns one thread is read from the logs, where it is anyway; what no log can tell
/// has rows of its own. Thread-safe.
/// </summary>
public sealed class AuditTrail(Database database)
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = ThreadJson.MaxDepth };

    // A thread that another one called was started and is answered by that one, which nobody needs to account for; the
    // events a fork copied, which are those before the last one that says so, are told where they happened. What an answer
    // was about stands in the request, and is found by its version.
    internal const string Sql =
        """
        SELECT json_extract(e.data, '$.at') AS moment, e.type, e.thread_id, e.version,
          coalesce(json_extract(e.data, '$.by'), json_extract(e.data, '$.principal')), coalesce(json_extract(e.data, '$.channel'), 'thread'), e.data, t.agent, t.principal,
          json_extract(asked.data, '$.action')
        FROM events e JOIN threads t ON t.thread_id = e.thread_id
          LEFT JOIN events asked ON asked.thread_id = e.thread_id AND asked.version = json_extract(e.data, '$.request')
        WHERE e.type IN ('thread_started', 'message_received', 'request_answered', 'answer_refused', 'thread_cancelled', 'thread_forked')
          AND coalesce(json_extract(e.data, '$.channel'), 'thread') <> 'thread' AND json_extract(e.data, '$.at') >= $1
          AND NOT EXISTS (SELECT 1 FROM events f WHERE f.thread_id = e.thread_id AND f.version > e.version AND f.type = 'thread_forked')
        UNION ALL
        SELECT strftime('%Y-%m-%dT%H:%M:%f', at / 1000.0, 'unixepoch') || '+00:00', action, NULL, NULL, by, channel, data, NULL, NULL, NULL FROM audit WHERE at >= $2
        UNION ALL
        SELECT strftime('%Y-%m-%dT%H:%M:%f', p.at / 1000.0, 'unixepoch') || '+00:00', 'threads_purged', NULL, NULL, p.by, 'cli',
          json_object('purge', p.purge, 'threads', (SELECT json_group_array(thread_id) FROM purged d WHERE d.purge = p.purge)), NULL, NULL, NULL
        FROM purges p WHERE p.at >= $2
        ORDER BY moment
        """;

    /// <summary>Each entry since a time as it is reached, never all at once.</summary>
    public IEnumerable<AuditLine> Since(DateTimeOffset since)
    {
        using var session = new Session(database.Connect());
        foreach (var line in session.Each(Sql, row => new AuditLine(row.GetString(0), row.GetString(1), Text(row, 2), row.IsDBNull(3) ? null : row.GetInt32(3),
                row.GetString(4), row.GetString(5), Json(row.GetString(6)), Text(row, 7), Text(row, 8), Text(row, 9) is { } asked ? Json(asked) : null),
            since.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), since.ToUnixTimeMilliseconds()))
        {
            yield return line;
        }
    }

    internal static void Write(Session session, AuditEntry entry) => session.Execute(
        "INSERT INTO audit (at, action, by, channel, data) VALUES ($1, $2, $3, $4, $5)",
        entry.At.ToUnixTimeMilliseconds(), entry.Action, entry.By, entry.Channel, entry.Data.Text);

    private static string? Text(Row row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    // As deep as an event may be, which is deeper than what is read at the edge.
    private static JsonText Json(string text) => JsonText.From(JsonElement.Parse(text, Deep));
}

/// <summary>Something that was done and that is in no thread's log.</summary>
public sealed record AuditEntry(DateTimeOffset At, string Action, string By, string Channel, JsonText Data);

/// <summary>One line of the trail, as it is stored.</summary>
/// <param name="ThreadId">The thread it was done to; null for what concerns none.</param>
/// <param name="Asked">The action that was asked about (tool, arguments, digest) and answered by this; null where there was none.</param>
public sealed record AuditLine(
    string At, string Action, string? ThreadId, int? Version, string By, string Channel, JsonText Data, string? Agent, string? Owner, JsonText? Asked);
