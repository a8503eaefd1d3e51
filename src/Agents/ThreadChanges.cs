using AgentMcp.Agents.Telemetry;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>What somebody says to a thread: decided, appended with what follows at once, and gone on with. Thread-safe.</summary>
internal sealed class ThreadChanges(ThreadStore store, ThreadRunner runner)
{
    private static readonly TimeSpan CutGrace = TimeSpan.FromSeconds(5);

    /// <param name="owner">Whose thread it is; of another's nothing is found.</param>
    /// <param name="use">What becomes of the lease where the thread goes on.</param>
    /// <param name="decide">May be asked again, on what is true by then, when somebody else was quicker.</param>
    /// <exception cref="RefusedException">There is no such thread, or it was refused by what decides.</exception>
    public async Task<(IReadOnlyList<ThreadEvent> Events, ThreadLog Log)> Make(ThreadId id, string owner, LeaseUse use, Func<AgentThread, IReadOnlyList<ThreadEvent>> decide, Cause? cause)
    {
        var decided = OnWhatIsKnown(id, owner, decide);
        var (isCut, isAlone) = (false, false);
        while (true)
        {
            var (log, events) = decided ?? Now(id, owner, decide);
            if (events.Count == 0)
            {
                return (events, log);
            }

            if (!isCut && log.Thread.Status == ThreadStatus.Running && events[^1] is ThreadFailed or ThreadCancelled)
            {
                // What runs is cut off first, so that its outcome comes before the end; and only if what is stored says so too.
                isCut = decided is null;
                await (isCut ? runner.Cut(id, CutGrace, isCancelled: events[^1] is ThreadCancelled) : Task.CompletedTask).ConfigureAwait(false);
                decided = null;
                continue;
            }

            var goesOn = events[0] is not AnswerRefused && use == LeaseUse.Take;
            using var span = goesOn ? RunSpan.Next(log.Thread) : null;
            var next = goesOn && !isAlone ? await runner.Ahead(log.With(events)).ConfigureAwait(false) : log.With(events);
            // What then waits or has ended is run by nobody. Of what ran until now, somebody may hold the lease and be dead.
            var then = events[0] is AnswerRefused ? LeaseUse.None
                : !goesOn || next.Thread.Status == ThreadStatus.Running ? use
                : log.Thread.Status == ThreadStatus.Running ? LeaseUse.Revoke : LeaseUse.None;
            try
            {
                var lease = await store.Save(next, next.Thread.Version - log.Thread.Version, then, cause: cause).ConfigureAwait(false);
                span?.Stored(next.Thread, lease);
                if (lease is not null)
                {
                    _ = runner.Begin(next, lease, span);
                }
                else
                {
                    await runner.Children.After(next.Thread).ConfigureAwait(false);
                }

                return (events, next);
            }
            catch (RefusedException e) when (e.Code == RefusalCode.TooLarge && next.Thread.Version > log.Thread.Version + events.Count)
            {
                // There is no room for what follows at once: the run finds that out, and ends the thread.
                span?.Forget();
                isAlone = true;
            }
            catch (ConflictException)
            {
                // Somebody answered, cancelled or moved it in between: decide again, on what is true now.
                span?.Forget();
                decided = null;
            }
        }
    }

    public ThreadLog Owned(ThreadId id, string owner) => store.Read(id) is var log && log.Thread.Start.Principal == owner ? log : throw ThreadStore.NotFound(id);

    private (ThreadLog, IReadOnlyList<ThreadEvent>) Now(ThreadId id, string owner, Func<AgentThread, IReadOnlyList<ThreadEvent>> decide) =>
        Owned(id, owner) is var log ? (log, decide(log.Thread)) : default;

    // Saves reading the thread: if what is known here is the past, the append finds out. The past is no ground for doing nothing, or for a refusal.
    private (ThreadLog, IReadOnlyList<ThreadEvent>)? OnWhatIsKnown(ThreadId id, string owner, Func<AgentThread, IReadOnlyList<ThreadEvent>> decide)
    {
        if (store.Known(id) is not { } log || log.Thread.Start.Principal != owner)
        {
            return null;
        }

        try
        {
            return decide(log.Thread) is { Count: > 0 } events and not [AnswerRefused] ? (log, events) : null;
        }
        catch (RefusedException)
        {
            return null;
        }
    }
}
