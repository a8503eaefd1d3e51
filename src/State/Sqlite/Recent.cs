using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// What is known of the threads that were in use lately and never changes once it is so. Not a second truth: whether a
/// thread is still there, and what has followed, is asked of the database. Bounded; what was not used for a while goes
/// first. Thread-safe.
/// </summary>
/// <param name="most">How much is kept at least before anything goes, and half of what is kept at most.</param>
internal sealed class Recent<T>(long most)
    where T : class
{
    private readonly Lock _lock = new();
    private Dictionary<ThreadId, T> _young = [];
    private Dictionary<ThreadId, T> _old = [];
    private long _weight;

    public T? Find(ThreadId id)
    {
        lock (_lock)
        {
            return _young.TryGetValue(id, out var known) || _old.TryGetValue(id, out known) ? known : null;
        }
    }

    public void Forget(ThreadId id)
    {
        lock (_lock)
        {
            _young.Remove(id);
            _old.Remove(id);
        }
    }

    /// <param name="weight">How much came to be kept by this, in the unit of the bound.</param>
    public void Keep(ThreadId id, T known, long weight)
    {
        lock (_lock)
        {
            _young[id] = known;
            _weight += weight;
            if (_weight > most)
            {
                (_old, _young, _weight) = (_young, [], 0);
            }
        }
    }
}
