using System.Collections.Concurrent;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents;

/// <summary>
/// Threads whose run ended because nothing of it could be stored, not even that it failed. Each keeps its lease for a while,
/// and longer every time: once free it is picked up by the next sweep of any process, which asks its model again, at a price
/// that no limit counts. Thread-safe.
/// </summary>
internal sealed class Unstored(ThreadStore store, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<ThreadId, Left> _left = new();
    private readonly Troubles _troubles = new();

    public bool HoldsAny => _left.Values.Any(left => left.Lease is not null);

    public bool Holds(ThreadId thread) => _left.TryGetValue(thread, out var left) && left.Lease is not null;

    public void Keep(Lease lease, Exception e)
    {
        var since = clock.GetTimestamp();
        _left.AddOrUpdate(lease.Thread, _ => new(lease, Shortest, since), (_, before) => new(lease, before.Pause * 2 < Longest ? before.Pause * 2 : Longest, since));
        if (_troubles.Note(lease.Thread.Value, e.Message))
        {
            logger.LogError("{Thread} cannot be stored and is left alone, longer each time: {Reason}", lease.Thread, e.Message);
        }
    }

    /// <summary>What the run under this lease did is stored. A later one may be left meanwhile.</summary>
    public void Over(Lease lease)
    {
        if (_left.TryGetValue(lease.Thread, out var left) && (left.Lease is null || left.Lease == lease))
        {
            Over(lease.Thread, left);
        }
    }

    /// <summary>Lets go of those that were left alone for long enough.</summary>
    public async Task GiveBack()
    {
        foreach (var (thread, left) in _left)
        {
            var waited = clock.GetElapsedTime(left.Since);
            if (left.Lease is { } lease && waited >= left.Pause)
            {
                await Release(lease, left).ConfigureAwait(false);
            }
            else if (left.Lease is null && waited > left.Pause + Longest)
            {
                // Another process has it, or it has ended.
                Over(thread, left);
            }
        }
    }

    private void Over(ThreadId thread, Left left)
    {
        if (_left.TryRemove(new KeyValuePair<ThreadId, Left>(thread, left)))
        {
            _troubles.Over(thread.Value);
        }
    }

    private async Task Release(Lease lease, Left left)
    {
        try
        {
            await store.Release(lease).ConfigureAwait(false);
            // Its next run may have failed already: that is the newer truth.
            _left.TryUpdate(lease.Thread, left with { Lease = null }, left);
        }
        catch (Exception e) when (DatabaseException.IsOfOnePlace(e))
        {
            Keep(lease, e);
        }
    }

    /// <param name="Lease">Null once it was given back; how long the pause was is remembered.</param>
    private sealed record Left(Lease? Lease, TimeSpan Pause, long Since);
}
