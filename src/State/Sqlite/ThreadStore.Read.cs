using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

// How a log is read.
public sealed partial class ThreadStore
{
    private readonly RecentLogs _recent = new();

    /// <exception cref="RefusedException">There is no such thread.</exception>
    public ThreadLog Read(ThreadId id)
    {
        // The last event that is known is read again with what follows, and not parsed: it tells that the thread is still there.
        var known = _recent.Find(id);
        var (characters, isThere, from) = (0L, false, known?.Thread.Version ?? 1);
        var events = database.Read(session => session.Rows("SELECT version, data FROM events WHERE thread_id = $1 AND version >= $2 ORDER BY version", row =>
        {
            isThere = true;
            if (known is not null && row.GetInt32(0) == from)
            {
                return null;
            }

            var data = row.GetString(1);
            characters += data.Length;
            return ThreadJson.Read(data);
        }, id.Value, (long)from)).OfType<ThreadEvent>().ToList();
        if (!isThere)
        {
            throw NotFound(id);
        }

        var log = known is null ? ThreadLog.Of(id, events) : known.With(events);
        References.Check(log.Events, log.Events.Count - events.Count);
        if (characters > 0)
        {
            _recent.Keep(log, characters);
        }

        return log;
    }

    /// <summary>
    /// A log as it was here lately, without asking the database: others may have appended since, so only an append can be
    /// based on it, which fails if they have. Null when it is not known.
    /// </summary>
    public ThreadLog? Known(ThreadId id) => _recent.Find(id);

    /// <summary>The thread that a caller has started with a key. Of two starts at once it may see neither: they find out when they are stored.</summary>
    /// <param name="with">The agent and the input it has to have been started with; null for whichever.</param>
    public ThreadId? FindStarted(string principal, string key, (string Agent, JsonText Input)? with = null) =>
        database.Read(session => IdempotencyKeys.Find(session, principal, key)) is var (id, call) && (with is not var (agent, input) || call == ActionDigest.Of(agent, input)) ? id : null;

    public static RefusedException NotFound(ThreadId id) =>
        new(RefusalCode.ThreadNotFound, $"There is no thread {id}. Call list_threads to see which there are.");
}
