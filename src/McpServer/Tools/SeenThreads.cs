using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;

namespace AgentMcp.Server.Tools;

/// <summary>
/// How far a thread and all that it called have come, as far as they move in this process: the number of their events,
/// which only grows. Thread-safe.
/// </summary>
internal sealed class SeenThreads(Core core, ThreadId root, string owner)
{
    private readonly Lock _lock = new();
    // Null for a thread that is none of this one's, so that it is looked up once.
    private readonly Dictionary<ThreadId, int?> _versions = [];
    private ThreadId? _latest;

    public ProgressNotificationValue Progress
    {
        get
        {
            lock (_lock)
            {
                var latest = _latest ?? root;
                return new() { Progress = _versions.Values.Sum() ?? 0, Message = $"{latest} has {_versions.GetValueOrDefault(latest) ?? 0} events" };
            }
        }
    }

    /// <returns>Whether it is the thread or one that it called.</returns>
    public bool Note(ThreadId thread, int version)
    {
        lock (_lock)
        {
            if (!_versions.TryGetValue(thread, out var known))
            {
                known = IsOurs(thread) ? 0 : null;
                _versions[thread] = known;
            }

            if (known is null)
            {
                return false;
            }

            _versions[thread] = Math.Max(known.Value, version);
            _latest = thread;
            return true;
        }
    }

    // Told from inside an append, which must not fail because of who listens.
    private bool IsOurs(ThreadId thread)
    {
        try
        {
            return thread == root || core.Host.IsBelow(thread, root, owner);
        }
        catch (DatabaseException e)
        {
            core.Log.LogWarning("Whether {Thread} belongs to {Root} cannot be read, so its progress is not told: {Reason}", thread, root, e.Message);
            return false;
        }
    }
}
