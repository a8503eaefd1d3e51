using AgentMcp.State.Json;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Who did what, oldest first. What concerns one thread is read from the logs, where it is anyway; what no log can tell
/// has rows of its own. Thread-safe.
/// </summary>
public sealed class AuditTrail(Database database)
{
    // A thread that another one called was started and is answered by that one, which nobody needs to account for; the
    // events a fork copied are told where they happened.
    private const string Sql =
        """
        SELECT json_extract(e.data, '$.at') AS moment, e.type, e.thread_id, e.version,
          coalesce(json_extract(e.data, '$.by'), json_extract(e.data, '$.principal')), coalesce(json_extract(e.data, '$.channel'), 'thread'), e.data, t.agent, t.principal
        FROM events e JOIN threads t ON t.thread_id = e.thread_id
        WHERE e.type IN ('thread_started', 'message_received', 'request_answered', 'answer_refused', 'thread_cancelled', 'thread_forked')
          AND coalesce(json_extract(e.data, '$.channel'), 'thread') <> 'thread' AND json_extract(e.data, '$.at') >= $1
          AND e.version > coalesce((SELECT max(f.version) FROM events f WHERE f.thread_id = e.thread_id AND f.type = 'thread_forked' AND e.type <> 'thread_forked'), 0)
        UNION ALL
        SELECT strftime('%Y-%m-%dT%H:%M:%f', at / 1000.0, 'unixepoch') || '+00:00', action, NULL, NULL, by, channel, data, NULL, NULL FROM audit WHERE at >= $2
        UNION ALL
        SELECT strftime('%Y-%m-%dT%H:%M:%f', p.at / 1000.0, 'unixepoch') || '+00:00', 'threads_purged', NULL, NULL, p.by, 'cli',
          json_object('purge', p.purge, 'threads', (SELECT json_group_array(thread_id) FROM purged d WHERE d.purge = p.purge)), NULL, NULL
        FROM purges p WHERE p.at >= $2
        ORDER BY moment
        """;

    /// <summary>Each entry since a time as it is reached, never all at once.</summary>
    public IEnumerable<AuditLine> Since(DateTimeOffset since)
    {
        using var session = new Session(database.Connect());
        foreach (var line in session.Each(Sql, row => new AuditLine(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetInt32(3),
                row.GetString(4), row.GetString(5), JsonText.Parse(row.GetString(6)), row.IsDBNull(7) ? null : row.GetString(7), row.IsDBNull(8) ? null : row.GetString(8)),
            since.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), since.ToUnixTimeMilliseconds()))
        {
            yield return line;
        }
    }

    internal static void Write(Session session, AuditEntry entry) => session.Execute(
        "INSERT INTO audit (at, action, by, channel, data) VALUES ($1, $2, $3, $4, $5)",
        entry.At.ToUnixTimeMilliseconds(), entry.Action, entry.By, entry.Channel, entry.Data.Text);
}

/// <summary>Something that was done and that is in no thread's log.</summary>
public sealed record AuditEntry(DateTimeOffset At, string Action, string By, string Channel, JsonText Data);

/// <summary>One line of the trail, as it is stored.</summary>
/// <param name="ThreadId">The thread it was done to; null for what concerns none.</param>
public sealed record AuditLine(
    string At, string Action, string? ThreadId, int? Version, string By, string Channel, JsonText Data, string? Agent, string? Owner);
