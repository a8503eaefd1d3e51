using System.Collections.Concurrent;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents;

/// <summary>
/// Looks after calls that have something under way elsewhere: whether it moved there without us, so that the call runs
/// again, and whether a thread that ended has left something there to end. A look holds nothing that matters; one that
/// fails is repeated, by whichever process, ever more seldom. One that waits for its server keeps no look at another
/// waiting. Thread-safe.
/// </summary>
public sealed class RelayWatch(ThreadStore store, ThreadRunner runner, TimeProvider clock, ILogger logger)
{
    private const int AtOnce = 64;
    private const int AtOnceOfOne = 16;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // The other end may take its time; a look that takes longer is given up, and sooner one for which others take theirs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan InLine = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _ofOne = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(ThreadId Thread, CallId Call), bool> _looking = new();
    private readonly Troubles _troubles = new();

    public async Task Run(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        List<Task> looks = [];
        try
        {
            do
            {
                looks.RemoveAll(look => look.IsCompleted);
                looks.AddRange(await Begin(stop).ConfigureAwait(false));
            }
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            logger.LogDebug("Nobody here looks elsewhere any more");
        }

        await Task.WhenAll(looks).ConfigureAwait(false);
    }

    /// <summary>Looks at what is due. Returns how many calls moved.</summary>
    public async Task<int> Look(CancellationToken stop) => (await Task.WhenAll(await Begin(stop).ConfigureAwait(false)).ConfigureAwait(false)).Count(moved => moved);

    // As many as there is room for; the others are due at the next round.
    private async Task<IReadOnlyList<Task<bool>>> Begin(CancellationToken stop)
    {
        try
        {
            var room = AtOnce - _looking.Count;
            if (room <= 0)
            {
                return [];
            }

            var due = await store.Relays.Claim(clock.GetUtcNow(), room).ConfigureAwait(false);
            _troubles.Over(nameof(Begin));
            return [.. due.Select(one => Counted(one.Thread, one.Call, stop))];
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it was, it must not be the end of looking.
            if (_troubles.Note(nameof(Begin), ErrorText.Of(e)))
            {
                logger.LogError("Nobody can look elsewhere for now: {Reason}", ErrorText.Of(e));
            }

            return [];
        }
    }

    private async Task<bool> Counted(ThreadId id, CallId call, CancellationToken stop)
    {
        // It may be due again while the last look still waits for its server.
        if (!_looking.TryAdd((id, call), true))
        {
            return false;
        }

        try
        {
            return await Task.Run(() => Look(id, call, stop), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _looking.TryRemove((id, call), out _);
        }
    }

    private async Task<bool> Look(ThreadId id, CallId call, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Patience);
        try
        {
            var log = store.Read(id);
            if (UnderWay.Find(log.Thread, call) is { } open)
            {
                return OpenCalls.PassedOnBy(log.Thread, call) is { } request && await Moved(log, request, open, limit.Token).ConfigureAwait(false);
            }

            if (log.Thread.State is Cancelled or Failed && UnderWay.ToEnd(log, call) is { } left)
            {
                await End(log, left, limit.Token).ConfigureAwait(false);
            }

            await store.Relays.End(id, call).ConfigureAwait(false);
            return false;
        }
        catch (HeldElsewhereException e)
        {
            logger.LogDebug("{Thread}/{Call} is left to another process: {Reason}", id, call, e.Message);
            // Due at once, so that whichever looks next is another one.
            await store.Relays.Hurry(id).ConfigureAwait(false);
            return false;
        }
        catch (UnknownHereException e)
        {
            logger.LogInformation("{Thread}/{Call} cannot be looked after by this process: {Reason}", id, call, e.Message);
            await store.Relays.HandOn(id, call).ConfigureAwait(false);
            return false;
        }
        catch (Exception e)
        {
            // Nothing is lost by a look that fails: the row stays and the next look is due later.
            logger.LogInformation("{Thread}/{Call} cannot be looked after for now: {Reason}", id, call, ErrorText.Of(e));
            return false;
        }
    }

    private async Task<bool> Moved(ThreadLog log, RequestId request, Call call, CancellationToken cancellation)
    {
        using (Tracing.Unrecorded())
        {
            var (tool, elsewhere) = ToolOf(log.Thread, call);
            if (!await InTurn(tool, () => elsewhere.Moved(ToolRunner.CallOf(log.Thread, call), cancellation), cancellation).ConfigureAwait(false))
            {
                return false;
            }
        }

        // Whoever else moved it meanwhile leaves nothing to withdraw.
        while (ThreadDecider.Decide(log.Thread, new WithdrawRequest(clock.GetUtcNow(), request, "it was settled where it came from")) is { Count: > 0 } events)
        {
            if (await runner.Children.Append(log, events, LeaseUse.Take).ConfigureAwait(false))
            {
                return true;
            }

            log = store.Read(log.Thread.Id);
        }

        return false;
    }

    private async Task End(ThreadLog log, Call call, CancellationToken cancellation)
    {
        var (tool, elsewhere) = ToolOf(log.Thread, call);
        await InTurn(tool, async () =>
        {
            await elsewhere.End(ToolRunner.CallOf(log.Thread, call), cancellation).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);
    }

    private (Tool Tool, Elsewhere Elsewhere) ToolOf(AgentThread thread, Call call) => runner.AgentOf(thread).FindTool(call.Intent) is { Elsewhere: { } elsewhere } tool
        ? (tool, elsewhere) : throw new UnknownHereException($"{call.Intent} is no tool of a server that it knows");

    // Of one server only so many at once: one that answers nothing would in time have all the places.
    private async Task<bool> InTurn(Tool tool, Func<Task<bool>> look, CancellationToken cancellation)
    {
        var places = _ofOne.GetOrAdd(tool.From?.Server ?? tool.Name, _ => new(AtOnceOfOne));
        using var patience = new CancellationTokenSource(InLine, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        await places.WaitAsync(either.Token).ConfigureAwait(false);
        try
        {
            return await look().ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }
}
