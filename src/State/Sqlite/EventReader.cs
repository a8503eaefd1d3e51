using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>Reads the log of a thread a stretch at a time, as it is stored, for whoever follows it. Thread-safe.</summary>
public sealed class EventReader(Database database)
{
    public IReadOnlyList<StoredEvent> After(ThreadId id, int version, int limit) => database.Read(session => session.Rows(
        "SELECT version, type, data FROM events WHERE thread_id = $1 AND version > $2 ORDER BY version LIMIT $3",
        row => new StoredEvent((int)row.GetInt64(0), row.GetString(1), JsonText.Parse(row.GetString(2))), id.Value, (long)version, (long)limit));

    /// <summary>How many events there are, and where they leave the thread. Null when there is no such thread.</summary>
    public (int Version, ThreadStatus Status)? Head(ThreadId id) => database.Read(session => session.Rows(
        "SELECT version, status FROM threads WHERE thread_id = $1",
        row => ((int Version, ThreadStatus Status)?)((int)row.GetInt64(0), Enum.Parse<ThreadStatus>(row.GetString(1), ignoreCase: true)), id.Value)).FirstOrDefault();
}

public sealed record StoredEvent(int Version, string Type, JsonText Data);
