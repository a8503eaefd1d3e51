using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// Logs as they were read or appended lately, so that events, which never change, are read from their JSON once at most.
/// Not a second truth: whoever uses one asks the database what has followed, and whether it is there at all, or finds out
/// when it appends. Bounded by their JSON; what was not used for a while goes first. Thread-safe.
/// </summary>
internal sealed class RecentLogs
{
    private const int MostCharacters = 1_000_000;

    private readonly Lock _lock = new();
    private Dictionary<ThreadId, (ThreadLog Log, long Characters)> _young = [];
    private Dictionary<ThreadId, (ThreadLog Log, long Characters)> _old = [];
    private long _characters;

    public ThreadLog? Find(ThreadId id)
    {
        lock (_lock)
        {
            return Known(id).Log;
        }
    }

    /// <param name="characters">How much JSON of it was read or appended now.</param>
    public void Keep(ThreadLog log, long characters)
    {
        lock (_lock)
        {
            var id = log.Thread.Id;
            var known = Known(id);
            // Whoever reads at the same time has read the same.
            if (known.Log is { } kept && kept.Thread.Version >= log.Thread.Version)
            {
                return;
            }

            // All of a log counts, also where only its end was read: else long threads that move a little would never go.
            var all = known.Characters + characters;
            _characters += all - _young.GetValueOrDefault(id).Characters;
            _young[id] = (log, all);
            if (_characters > MostCharacters)
            {
                (_old, _young, _characters) = (_young, [], 0);
            }
        }
    }

    public void Forget(ThreadId id)
    {
        lock (_lock)
        {
            _characters -= _young.GetValueOrDefault(id).Characters;
            _young.Remove(id);
            _old.Remove(id);
        }
    }

    private (ThreadLog? Log, long Characters) Known(ThreadId id) =>
        _young.TryGetValue(id, out var known) || _old.TryGetValue(id, out known) ? known : default;
}
