using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>Waiting for a thread without holding it: it runs on whether or not anybody waits.</summary>
internal sealed class ThreadWait(ThreadStore store, ThreadIndex index, ThreadRunner runner, TimeProvider clock)
{
    private static readonly TimeSpan OtherProcessPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits while a thread runs, here or in another process, but no longer than told. The run does not depend on it.</summary>
    public async Task<ThreadLog> For(ThreadId id, string principal, TimeSpan atMost, CancellationToken cancellation)
    {
        var until = clock.GetUtcNow() + atMost;
        ThreadLog? known = null;
        while (true)
        {
            var left = until - clock.GetUtcNow();
            if (runner.Find(id) is { } run && left > TimeSpan.Zero)
            {
                try
                {
                    var log = await run.WaitAsync(left, clock, cancellation).ConfigureAwait(false);
                    if (log.Thread.Start.Principal != principal)
                    {
                        throw ThreadStore.NotFound(id);
                    }

                    // A run that ended while its thread goes on was taken over, or the thread called another: the wait follows it there.
                    if (HasComeToRest(log.Thread) || runner.IsStopping)
                    {
                        return log;
                    }
                }
                catch (TimeoutException)
                {
                    continue;
                }
            }

            // Another process runs it: the whole log is read again only when it grew.
            known = known is null || index.VersionOf(id) != known.Thread.Version ? Owned(id, principal) : known;
            if (HasComeToRest(known.Thread) || left <= TimeSpan.Zero)
            {
                return known;
            }

            if (known.Thread.Child is { } child)
            {
                var inner = await For(child, principal, left, cancellation).ConfigureAwait(false);
                if (index.VersionOf(id) != known.Thread.Version)
                {
                    continue;
                }

                if (inner.Thread.Status == ThreadStatus.Pending && !inner.Thread.IsFollowing)
                {
                    return known;
                }
            }

            await Task.Delay(left < OtherProcessPoll ? left : OtherProcessPoll, clock, cancellation).ConfigureAwait(false);
        }
    }

    private static bool HasComeToRest(AgentThread thread) => thread.Status != ThreadStatus.Running && thread.Child is null && !thread.IsFollowing;

    private ThreadLog Owned(ThreadId id, string principal) =>
        store.Read(id) is var log && log.Thread.Start.Principal == principal ? log : throw ThreadStore.NotFound(id);
}
