using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents;

/// <summary>
/// Goes through the threads that nobody moves although they can go on. Each by itself: every process meets the same ones
/// on every sweep, so one that cannot be read or written must not be the end of it, nor many of them hide the others.
/// </summary>
internal sealed class Recovery(ThreadStore store, ThreadIndex index, ThreadRunner runner, TimeProvider clock, ILogger logger)
{
    private readonly InTrouble _unmoved = new();
    private readonly InTrouble _untold = new();
    private readonly InTrouble _untoldWorkflows = new();
    private readonly InTrouble _uncancelled = new();

    /// <summary>Picks up what can run on and nobody runs, and what is due. Returns how many threads were moved.</summary>
    public async Task<int> PickUp(int limit)
    {
        var now = clock.GetUtcNow();
        return await Sweep(without => index.Runnable(store.Owner, now, limit, without), _unmoved, limit, id => Move(id, now)).ConfigureAwait(false);
    }

    /// <summary>Tells callers whose child has ended, and cancels children whose caller has. Returns how many were looked after.</summary>
    public async Task<int> TellAndCancel(int limit)
    {
        var moved = 0;
        await ChildThreads.Each<Func<Task<int>>>(
            [
                () => Sweep(index.WaitingForTheEnded, _untold, limit, Follow),
                () => Sweep(index.WorkflowsWaitingForTheEnded, _untoldWorkflows, limit, Follow),
                () => Sweep(index.Abandoned, _uncancelled, limit, child => Follow(store.Read(child).Thread.Start.Parent!.Value)),
            ],
            async sweep => moved += await sweep().ConfigureAwait(false)).ConfigureAwait(false);
        return moved;
    }

    // What was found may be settled with another one of them; and one in trouble is found by its log first, or it would be
    // in no trouble here and in trouble again at the next search.
    private Task<int> Sweep(LogSearch search, InTrouble troubles, int limit, Func<ThreadId, Task<bool>> move) =>
        Sweep(without => Found(search, limit, without), troubles, limit, id => search.Finds(id) ? move(id) : Task.FromResult(false));

    private static IReadOnlyList<ThreadId> Found(LogSearch search, int limit, IReadOnlyCollection<ThreadId> without)
    {
        try
        {
            return search.AtOnce(limit, without);
        }
        catch (DatabaseException e) when (DatabaseException.IsOfOnePlace(e))
        {
            // Whichever it is, is known once each was looked at, and left out from then on.
            return search.Candidates(without);
        }
    }

    // A search finds so many at once, and those in trouble would be the first of them for ever. They are tried by themselves.
    private async Task<int> Sweep(Func<IReadOnlyCollection<ThreadId>, IReadOnlyList<ThreadId>> search, InTrouble troubles, int limit, Func<ThreadId, Task<bool>> move)
    {
        var again = troubles.Next(limit);
        return await Each(search(troubles.All), troubles, move).ConfigureAwait(false) + await Each(again, troubles, move).ConfigureAwait(false);
    }

    private async Task<int> Each(IReadOnlyList<ThreadId> threads, InTrouble troubles, Func<ThreadId, Task<bool>> move)
    {
        var moved = 0;
        foreach (var id in threads)
        {
            moved += !runner.IsStopping && await Try(id, troubles, move).ConfigureAwait(false) ? 1 : 0;
        }

        return moved;
    }

    private async Task<bool> Try(ThreadId id, InTrouble troubles, Func<ThreadId, Task<bool>> move)
    {
        try
        {
            var moved = await move(id).ConfigureAwait(false);
            troubles.Over(id);
            return moved;
        }
        catch (Exception e) when (DatabaseException.IsOfOnePlace(e))
        {
            if (troubles.Note(id, e.Message))
            {
                logger.LogError("{Thread} cannot be moved and is left alone: {Reason}", id, e.Message);
            }

            return false;
        }
    }

    private async Task<bool> Move(ThreadId id, DateTimeOffset now)
    {
        var log = store.Read(id);
        var due = ThreadDecider.Decide(log.Thread, new PassTime(now));
        if (due.Count == 0 && log.Thread.Status != ThreadStatus.Running)
        {
            // Somebody was quicker since it was listed. What waits or has ended is leased by nobody: a crash would leave that behind.
            return false;
        }

        try
        {
            var (next, lease) = await store.Append(log, due, LeaseUse.Take, now: now).ConfigureAwait(false);
            if (lease is null)
            {
                return false;
            }

            logger.LogInformation("{Thread} is picked up at version {Version}", id, next.Thread.Version);
            _ = runner.Begin(next, lease, isPickedUp: due.Count == 0);
            return true;
        }
        catch (ConflictException)
        {
            // Another process was quicker, which is as good.
            return false;
        }
    }

    private async Task<bool> Follow(ThreadId id)
    {
        await runner.Children.Follow(store.Read(id).Thread).ConfigureAwait(false);
        return true;
    }
}
