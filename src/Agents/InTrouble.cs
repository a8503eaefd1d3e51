using System.Collections.Concurrent;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>Threads that could not be moved, each with the reason that was said of it. Thread-safe.</summary>
internal sealed class InTrouble
{
    private readonly Troubles _said = new();
    private readonly ConcurrentDictionary<ThreadId, long> _tried = new();
    private long _tries;

    public IReadOnlyCollection<ThreadId> All => [.. _tried.Keys];

    /// <summary>Those that were not tried for the longest time.</summary>
    public IReadOnlyList<ThreadId> Next(int limit) => [.. _tried.ToArray().OrderBy(thread => thread.Value).Take(limit).Select(thread => thread.Key)];

    /// <inheritdoc cref="Troubles.Note"/>
    public bool Note(ThreadId thread, string reason)
    {
        _tried[thread] = Interlocked.Increment(ref _tries);
        return _said.Note(thread.Value, reason);
    }

    public void Over(ThreadId thread)
    {
        _tried.TryRemove(thread, out _);
        _said.Over(thread.Value);
    }
}
