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
/// fails is repeated, by whichever process, ever more seldom. Thread-safe.
/// </summary>
public sealed class RelayWatch(ThreadStore store, ThreadRunner runner, TimeProvider clock, ILogger logger)
{
    private const int AtOnce = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // The other end may take its time; a look that takes longer is given up.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    public async Task Run(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                await Look(stop).ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            logger.LogDebug("Nobody here looks elsewhere any more");
        }
    }

    /// <summary>Looks at what is due. Returns how many calls moved.</summary>
    public async Task<int> Look(CancellationToken stop)
    {
        try
        {
            var due = await store.Relays.Claim(clock.GetUtcNow(), AtOnce).ConfigureAwait(false);
            return (await Task.WhenAll(due.Select(one => Look(one.Thread, one.Call, stop))).ConfigureAwait(false)).Count(moved => moved);
        }
        catch (DatabaseException e)
        {
            logger.LogError("Nobody can look elsewhere for now: {Reason}", e.Message);
            return 0;
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
            if (runner.AgentOf(log.Thread).FindTool(call.Intent)?.Elsewhere is not { } elsewhere
                || !await elsewhere.Moved(ToolRunner.CallOf(log.Thread, call), cancellation).ConfigureAwait(false))
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
        if (log.Events.Skip(id.Version).Any(happened => happened is ToolReturned returned && returned.Call == id)
            || runner.AgentOf(log.Thread).FindTool(chosen.Intent)?.Elsewhere is not { } elsewhere)
        {
            return;
        }

        var relay = log.Events.Skip(id.Version).OfType<RequestOpened>().LastOrDefault(asked => asked.Relay is not null)?.Relay;
        var call = new Call(id, chosen.Intent, chosen.Arguments, At: chosen.At, Relayed: relay is null ? null : new(relay.Continuation));
        await elsewhere.End(ToolRunner.CallOf(log.Thread, call), cancellation).ConfigureAwait(false);
    }
}
