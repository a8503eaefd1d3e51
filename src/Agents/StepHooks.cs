using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents;

/// <summary>
/// Tells whoever wants to know of every event that this process stored, once it is on disk and in its order within a
/// thread: for logs, metrics, traces. A hook only looks. What it throws is logged and stops nothing; how long it takes
/// holds up the thread it is told of.
/// </summary>
public sealed class StepHooks : IDisposable
{
    private readonly ThreadStore _store;
    private readonly ILogger _logger;
    private readonly Action<StoredEvent>[] _hooks;

    public StepHooks(ThreadStore store, ILogger logger, params Action<StoredEvent>[] hooks)
    {
        (_store, _logger, _hooks) = (store, logger, hooks);
        _store.Stored += Tell;
    }

    /// <summary>A line a step at the level of debugging: which event of which thread, and nothing of what was said.</summary>
    public static Action<StoredEvent> Logging(ILogger logger) => stored =>
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            logger.LogDebug("{Thread} of {Agent}, version {Version}: {Event}", stored.Log.Thread.Id, stored.Agent, stored.Version, stored.Event.GetType().Name);
        }
    };

    public void Dispose() => _store.Stored -= Tell;

    private void Tell(ThreadLog log, int added)
    {
        for (var version = log.Thread.Version - added + 1; version <= log.Thread.Version; version++)
        {
            foreach (var hook in _hooks)
            {
                try
                {
                    hook(new(log, version));
                }
                catch (Exception e)
                {
                    _logger.LogWarning(e, "A hook failed at version {Version} of {Thread}", version, log.Thread.Id);
                }
            }
        }
    }
}

/// <param name="Log">The thread with this event, and with what was stored in the same commit.</param>
public readonly record struct StoredEvent(ThreadLog Log, int Version)
{
    public ThreadEvent Event => Log.Events[Version - 1];

    public string Agent => Log.Thread.Start.Agent;
}
