using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// The log of a run, whose last events may not be on disk yet: what was only thought and read is stored while something else
/// takes its time, and the run goes on. If it is lost, it is as if it had not been done. Used by one run at a time.
/// </summary>
/// <param name="lease">Null where nothing is to be stored.</param>
internal sealed class StagedLog(ThreadStore store, TimeProvider clock, ThreadLog log, Lease? lease, RunStop stop)
{
    private const int FurthestAhead = 64;
    private static readonly TimeSpan LongestAhead = TimeSpan.FromMilliseconds(20);

    private Task _storing = Task.CompletedTask;
    private long _since;
    private int _unstored;

    public ThreadLog Log { get; private set; } = log;

    public void Stage(ThreadCommand? command)
    {
        var events = command is null ? [] : ThreadDecider.Decide(Log.Thread, command);
        _since = _unstored > 0 ? _since : clock.GetTimestamp();
        (Log, _unstored) = (Log.With(events), _unstored + events.Count);
    }

    /// <summary>Completes once all there is is on disk.</summary>
    public async Task<ThreadLog> Save(LeaseUse then = LeaseUse.None)
    {
        await (_storing = Store(_storing, then)).ConfigureAwait(false);
        return Log;
    }

    /// <summary>Stores while the work takes its time. Once that is over the disk is not waited for, unless it is far behind or the work came to nothing.</summary>
    /// <exception cref="LeaseLostException">What the work was begun on could not be stored; it is cut off.</exception>
    public async Task<T> Meanwhile<T>(Task<T> work)
    {
        var isFar = _unstored > FurthestAhead || (_unstored > 0 && clock.GetElapsedTime(_since) > LongestAhead);
        try
        {
            // One after the other: what gathers during one is stored by the next.
            while (!isFar && _unstored > 0 && !work.IsCompleted)
            {
                if (await Task.WhenAny(_storing, work).ConfigureAwait(false) == _storing)
                {
                    _storing = Store(_storing);
                }
            }

            await (isFar ? Task.CompletedTask : Task.WhenAny(work, _storing)).ConfigureAwait(false);
            await (isFar || !work.IsCompletedSuccessfully ? Save() : Task.CompletedTask).ConfigureAwait(false);
        }
        catch
        {
            stop.Now();
            throw;
        }

        return await work.ConfigureAwait(false);
    }

    /// <summary>The same of what runs on a thread of its own: it is never over at once, though it may take no time, and is given what is left of it.</summary>
    public async Task<T> Aside<T>(Task<T> work)
    {
        if (!work.IsCompleted && _unstored > 0 && LongestAhead - clock.GetElapsedTime(_since) is var left && left > TimeSpan.Zero)
        {
            using var enough = new CancellationTokenSource();
            await Task.WhenAny(work, Task.Delay(left, clock, enough.Token)).ConfigureAwait(false);
            await enough.CancelAsync().ConfigureAwait(false);
        }

        return await Meanwhile(work).ConfigureAwait(false);
    }

    /// <summary>Completes when nothing is on its way to the disk any more, whether it got there or not.</summary>
    public async Task Settled() => await _storing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task Store(Task before, LeaseUse then = LeaseUse.None)
    {
        var (upTo, added) = (Log, _unstored);
        _unstored = 0;
        await before.ConfigureAwait(false);
        if (lease is not null && (added > 0 || then != LeaseUse.None))
        {
            await store.SaveRun(upTo, added, then, lease).ConfigureAwait(false);
        }
    }
}
