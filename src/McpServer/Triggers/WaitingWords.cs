using System.Collections.Concurrent;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Triggers;

/// <summary>
/// Words for threads that are at work. They come up again as soon as a thread of this process stops, and for what other
/// processes do ever more seldom, so that many who wait long leave time for others.
/// </summary>
internal sealed class WaitingWords(Arrivals arrivals, TimeProvider clock)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // The next of each thread; those after it in its conversation are due once it is dealt with.
    private readonly ConcurrentDictionary<ThreadId, (Arrival Arrival, DateTimeOffset Due)> _for = new();
    private readonly ConcurrentQueue<Arrival> _stopped = new();

    /// <param name="root">The thread whose words they are; the one that works may be one it called.</param>
    public async Task Add(Arrival arrival, string why, ThreadId root)
    {
        var now = clock.GetUtcNow();
        var pause = (now - arrival.At) / 4;
        var due = now + (pause < ShortestPause ? ShortestPause : pause > LongestPause ? LongestPause : pause);
        await arrivals.Postpone(arrival, why, due, isAttempt: false).ConfigureAwait(false);
        // Due by now is what nobody need wake any more: its thread stopped elsewhere.
        foreach (var old in _for.Where(one => one.Value.Due < now))
        {
            _for.TryRemove(old);
        }

        // One that stops before this is found after the pause.
        _for[root] = (arrival with { Data = JsonText.Null }, due);
    }

    /// <summary>Whether words wait for a thread that has now stopped, or for one that called it.</summary>
    public bool IsFor(AgentThread thread)
    {
        if (thread.Status == ThreadStatus.Running || !_for.TryRemove(thread.Start.Root ?? thread.Id, out var waiting))
        {
            return false;
        }

        _stopped.Enqueue(waiting.Arrival);
        return true;
    }

    /// <summary>Makes due what need wait no longer.</summary>
    public async Task Wake()
    {
        while (_stopped.TryDequeue(out var arrival))
        {
            await arrivals.Wake(arrival, clock.GetUtcNow()).ConfigureAwait(false);
        }
    }
}
