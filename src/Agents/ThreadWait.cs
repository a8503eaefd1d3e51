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
                    // And somebody may have answered elsewhere between its last append and its end: what it left is then the past.
                    if (runner.IsStopping || (!MayMove(log.Thread) && index.VersionOf(id) == log.Thread.Version))
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
            if (!MayMove(known.Thread) || left <= TimeSpan.Zero)
            {
                return known;
            }

            if (known.Thread is { Status: not ThreadStatus.Running, Children: { Count: > 0 } children })
            {
                var asked = await Below(children, principal, left, cancellation).ConfigureAwait(false);
                if (index.VersionOf(id) != known.Thread.Version)
                {
                    continue;
                }

                if (asked)
                {
                    return known;
                }
            }

            await Task.Delay(left < OtherProcessPoll ? left : OtherProcessPoll, clock, cancellation).ConfigureAwait(false);
        }
    }

    // What runs moves by itself; what waits for others and for nobody else moves when they do.
    internal static bool MayMove(AgentThread thread) =>
        thread.Status == ThreadStatus.Running || ((thread.Children.Count > 0 || thread.IsFollowing) && thread.OpenRequests.All(open => open.Asked.Kind is RequestKind.Child or RequestKind.Sleep));

    /// <returns>Whether one of them, or all together, wait for an answer or a time: then there is nothing to wait for here.</returns>
    private async Task<bool> Below(IReadOnlyList<ThreadId> children, string principal, TimeSpan atMost, CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task<ThreadLog>> open = [.. children.Select(child => For(child, principal, atMost, enough.Token))];
        var left = open.Count;
        while (left > 0)
        {
            var first = await Task.WhenAny(open).ConfigureAwait(false);
            open.Remove(first);
            var inner = await first.ConfigureAwait(false);
            left = inner.Thread.Status == ThreadStatus.Pending && Sleeps(inner) ? left - 1 : 0;
            if (left > 0)
            {
                continue;
            }

            await enough.CancelAsync().ConfigureAwait(false);
            return inner.Thread.Status == ThreadStatus.Pending;
        }

        return false;
    }

    private bool Sleeps(ThreadLog log) => runner.Children.ChainOf(log).SelectMany(below => below.Thread.OpenRequests)
        .All(request => request.Asked.Kind is RequestKind.Sleep or RequestKind.Child);

    private ThreadLog Owned(ThreadId id, string principal) =>
        store.Read(id) is var log && log.Thread.Start.Principal == principal ? log : throw ThreadStore.NotFound(id);
}
