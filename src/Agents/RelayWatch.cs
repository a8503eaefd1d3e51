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
            switch (StateOf(log.Thread, call))
            {
                case Waiting { Request: { Asked.Relay: { } relay } open, Call: { } waiting } when waiting.Id == call:
                    return await Moved(log, open.Id, waiting with { Relayed = new(relay.Continuation) }, limit.Token).ConfigureAwait(false);
                case Chosen { Call.Id: var id1 } when id1 == call:
                case Approved { Call.Id: var id2 } when id2 == call:
                case Acting { Call.Id: var id3 } when id3 == call:
                case Resuming { Call.Id: var id4 } when id4 == call:
                case Waiting { Call.Id: var id5 } when id5 == call:
                    return false;
                case Cancelled or Failed:
                    await End(log, call, limit.Token).ConfigureAwait(false);
                    break;
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
        catch (Exception e)
        {
            // Nothing is lost by a look that fails: the row stays and the next look is due later.
            logger.LogInformation("{Thread}/{Call} cannot be looked after for now: {Reason}", id, call, ErrorText.Of(e));
            return false;
        }
    }

    // A workflow may have several open calls; one that is over is no longer among them.
    private static ThreadState StateOf(AgentThread thread, CallId call) =>
        thread.State is Working working ? OpenCalls.Find(working, call)?.State ?? new Thinking() : thread.State;

    private async Task<bool> Moved(ThreadLog log, RequestId request, Call call, CancellationToken cancellation)
    {
        using (Tracing.Unrecorded())
        {
            if (runner.AgentOf(log.Thread).FindTool(call.Intent) is not { Elsewhere: { } elsewhere } tool
                || !await InTurn(tool, () => elsewhere.Moved(ToolRunner.CallOf(log.Thread, call), cancellation), cancellation).ConfigureAwait(false))
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

    private async Task End(ThreadLog log, CallId id, CancellationToken cancellation)
    {
        var chosen = (StepChosen)log.Events[id.Version - 1];
        var since = log.Events.Skip(id.Version).ToList();
        if (since.Any(happened => happened is ToolReturned returned && returned.Call == id)
            || runner.AgentOf(log.Thread).FindTool(chosen.Intent) is not { Elsewhere: { } elsewhere } tool)
        {
            return;
        }

        var last = since.FindLastIndex(happened => happened is RequestOpened { Relay: not null } asked && (asked.Call ?? id) == id);
        // A run that began after that was cut off, and has not said what came of it.
        var attempt = since.Skip(last + 1).Count(happened => happened is ToolStarted started && started.Call == id);
        var call = new Call(id, chosen.Intent, chosen.Arguments, attempt, At: chosen.At, Relayed: last < 0 ? null : new(((RequestOpened)since[last]).Relay!.Continuation));
        await InTurn(tool, async () =>
        {
            await elsewhere.End(ToolRunner.CallOf(log.Thread, call), cancellation).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);
    }

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
