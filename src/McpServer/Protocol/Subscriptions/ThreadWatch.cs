using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>
/// Tells every subscription which of its threads moved: at once when this process moved them, and by a glance at their
/// versions when another process on the same database did. Nobody looks while nobody listens.
/// </summary>
internal sealed class ThreadWatch
{
    /// <summary>How long a change made by another process may go unnoticed.</summary>
    public static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly ThreadIndex _index;
    private readonly ILogger _log;
    private readonly CancellationToken _stopping;
    private readonly ITimer _timer;
    private volatile Watch[] _watches = [];

    public ThreadWatch(Core core)
    {
        (_index, _log, _stopping) = (core.Index, core.Log, core.Stopping);
        _timer = core.Clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        core.Moved += (thread, version) => Each(watch => watch.Note(thread, version));
    }

    public int Watches => _watches.Length;

    public Watch Open()
    {
        var watch = new Watch(Close);
        lock (_lock)
        {
            if (_watches.Length == 0)
            {
                _timer.Change(Glance, Timeout.InfiniteTimeSpan);
            }

            _watches = [.. _watches, watch];
        }

        return watch;
    }

    /// <param name="method">The notification that says which list it was.</param>
    public void ListChanged(string method) => Each(watch => watch.Note(method));

    private void Close(Watch watch)
    {
        lock (_lock)
        {
            _watches = [.. _watches.Where(other => other != watch)];
        }
    }

    private void Look()
    {
        var watches = _watches;
        if (watches.Length == 0 || _stopping.IsCancellationRequested)
        {
            return;
        }

        try
        {
            var threads = watches.SelectMany(watch => watch.Threads).ToHashSet();
            foreach (var (thread, version) in threads.Count == 0 ? new Dictionary<ThreadId, int>() : _index.VersionsOf(threads))
            {
                Each(watch => watch.Note(thread, version));
            }
        }
        catch (DatabaseException e)
        {
            // What cannot be read now is read at the next glance; nothing is lost, for versions only grow.
            _log.LogError("Subscriptions cannot be served: {Reason}", e.Message);
        }

        _timer.Change(Glance, Timeout.InfiniteTimeSpan);
    }

    private void Each(Action<Watch> note) => Array.ForEach(_watches, note);
}
