using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Logs as they were read lately, so that events, which never change, are read from their JSON once and not at every
/// call. Not a second truth: whoever uses one asks the database what has followed, and whether it is there at all.
/// Bounded by the JSON they were read from; what was not used for a while goes first. Thread-safe.
/// </summary>
internal sealed class RecentLogs
{
    private const int MostCharacters = 4_000_000;

    private readonly Lock _lock = new();
    private Dictionary<ThreadId, ThreadLog> _young = [];
    private Dictionary<ThreadId, ThreadLog> _old = [];
    private long _characters;

    public ThreadLog? Find(ThreadId id)
    {
        lock (_lock)
        {
            return _young.TryGetValue(id, out var log) || _old.TryGetValue(id, out log) ? log : null;
        }
    }

    /// <param name="characters">How much JSON of it was read now.</param>
    public void Keep(ThreadLog log, long characters)
    {
        lock (_lock)
        {
            _young[log.Thread.Id] = log;
            _characters += characters;
            if (_characters > MostCharacters)
            {
                (_old, _young, _characters) = (_young, [], 0);
            }
        }
    }
}
