using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Channels;

/// <summary>
/// Sends what is owed to people, after it is stored. Each channel has a loop of its own, so that one that is down or
/// slow holds up no other and no thread. Several processes may do this on one database; each message is sent by one.
/// </summary>
internal sealed class Dispatcher(IReadOnlyList<IHumanChannel> channels, Outbox outbox, ThreadStore store, Links links, TimeProvider clock, ILogger logger)
{
    private const string Unreadable = "the log of its thread cannot be read";

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UnservedTick = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SendTime = TimeSpan.FromSeconds(30);

    /// <summary>What is being sent when the process is told to stop gets this long to end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Rounds _rounds = new(Tick, clock, logger);

    /// <summary>Runs until told to stop, and ends once nothing is being sent any more.</summary>
    public async Task Run(CancellationToken stopping)
    {
        using var cut = new CancellationTokenSource();
        await using var stop = stopping.Register(() => cut.CancelAfter(Grace)).ConfigureAwait(false);
        if (channels.Count > 0)
        {
            store.Appended += Nudge;
        }

        try
        {
            await Task.WhenAll([
                .. channels.Select(channel => _rounds.Run(() => SendNext(channel, cut.Token, stopping), () => outbox.NextDue(channel.Name), stopping)),
                new Rounds(UnservedTick, clock, logger).Run(ReportUnserved, () => null, stopping)]).ConfigureAwait(false);
        }
        finally
        {
            store.Appended -= Nudge;
        }
    }

    /// <summary>Something is owed that no append has announced.</summary>
    public void LookAgain() => _rounds.LookAgain();

    private void Nudge(ThreadId thread, int version) => _rounds.LookAgain();

    private async Task<bool> SendNext(IHumanChannel channel, CancellationToken cut, CancellationToken stopping)
    {
        if (await outbox.Claim(channel.Name, clock.GetUtcNow()).ConfigureAwait(false) is not { } delivery)
        {
            return false;
        }

        try
        {
            await Send(channel, delivery, cut).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await outbox.Release(delivery, clock.GetUtcNow()).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Failed(channel.Attempts, delivery, $"it took longer than {SendTime.TotalSeconds:0} seconds", null).ConfigureAwait(false);
        }
        catch (DeliveryException e)
        {
            await Failed(channel.Attempts, delivery, e.Message, e.RetryAfter).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Code == RefusalCode.Unavailable)
        {
            // The link of a mail cannot be sealed while the secret of the inbox cannot be read.
            await Failed(channel.Attempts, delivery, e.Message, null).ConfigureAwait(false);
        }
        catch (Exception e) when (DatabaseException.IsOfOneLog(e))
        {
            // Those of other threads are sent all the same, and this one when its turn comes again: the log may be mended by then.
            await Failed(channel.Attempts, delivery, Unreadable, null).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not DatabaseException)
        {
            // A defect of ours must not end the loop of the channel; its words may hold anything, so only its name is told.
            await Failed(channel.Attempts, delivery, $"an internal error ({e.GetType().Name})", null).ConfigureAwait(false);
        }

        return true;
    }

    private async Task Send(IHumanChannel channel, Delivery delivery, CancellationToken cut)
    {
        if (await StillOwed(delivery).ConfigureAwait(false) is not { } log)
        {
            return;
        }

        var notice = new Notice(delivery, log, links, clock.GetUtcNow());
        if (delivery.Kind == DeliveryKind.Ended && notice.Ending is null)
        {
            await outbox.Delivered(delivery, null, clock.GetUtcNow()).ConfigureAwait(false);
            return;
        }

        using var limit = new CancellationTokenSource(SendTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cut, limit.Token);
        State.Json.JsonText? reference = null;
        if (delivery.Kind == DeliveryKind.Closed)
        {
            await channel.Update(notice, either.Token).ConfigureAwait(false);
        }
        else
        {
            reference = await channel.Send(notice, either.Token).ConfigureAwait(false);
        }

        await outbox.Delivered(delivery, reference, clock.GetUtcNow()).ConfigureAwait(false);
        DeliveryMetrics.Count(delivery, "delivered");
        logger.LogInformation("{Channel} was told of {Request} ({Kind})", channel.Name, notice.Request, WireName.Of(delivery.Kind));
    }

    private async Task<bool> ReportUnserved()
    {
        if (await outbox.ClaimUnserved(channels.Select(channel => channel.Name), clock.GetUtcNow()).ConfigureAwait(false) is not { } delivery)
        {
            return false;
        }

        var why = $"no running server has a channel '{delivery.Channel}'";
        try
        {
            if (await StillOwed(delivery).ConfigureAwait(false) is null)
            {
                return true;
            }
        }
        catch (Exception e) when (DatabaseException.IsOfOneLog(e))
        {
            why = Unreadable;
        }

        // Nobody tried to send it. However long it takes until a server knows the channel, that one has all its attempts.
        await Failed(int.MaxValue, delivery, why, null, isAttempt: false).ConfigureAwait(false);
        return true;
    }

    // Settling a request drops what is owed of it; what it has left behind ends here.
    private async Task<ThreadLog?> StillOwed(Delivery delivery)
    {
        try
        {
            var log = store.Read(delivery.Thread);
            if (delivery.Kind is DeliveryKind.Closed or DeliveryKind.Ended || IsOpen(log.Thread, delivery.Request))
            {
                return log;
            }
        }
        catch (RefusedException e) when (e.Code == RefusalCode.ThreadNotFound)
        {
            // Somebody took its log out of the database; tried again, it would be tried for ever.
            logger.LogWarning("{Channel} is told nothing of {Request}, whose thread is no longer in the database", delivery.Channel, delivery.Request.In(delivery.Thread));
        }

        await outbox.Drop(delivery).ConfigureAwait(false);
        return null;
    }

    private static bool IsOpen(AgentThread thread, RequestId request) => thread.OpenRequests.Any(open => open.Id == request);

    private async Task Failed(int attempts, Delivery delivery, string error, TimeSpan? retryAfter, bool isAttempt = true)
    {
        var now = clock.GetUtcNow();
        var again = delivery.Attempt < attempts ? now + Backoff.After(isAttempt ? delivery.Attempt : delivery.Claim, retryAfter, Random.Shared.NextDouble()) : (DateTimeOffset?)null;
        var request = delivery.Request.In(delivery.Thread);
        DeliveryMetrics.Count(delivery, again is null ? "given_up" : "failed");
        logger.LogWarning("{Channel} could not be told of {Request} ({Kind}), attempt {Attempt}: {Error}", delivery.Channel, request, WireName.Of(delivery.Kind), delivery.Attempt, error);
        // Into the log first: if this process dies in between, it is told twice rather than never.
        if (delivery.LastError is null || again is null)
        {
            await Report(delivery, again is null ? $"{error}; given up after {delivery.Attempt} {(delivery.Attempt == 1 ? "attempt" : "attempts")}" : error, now).ConfigureAwait(false);
        }

        await outbox.Failed(delivery, error, again, isAttempt).ConfigureAwait(false);
    }

    // Only while people are still waited for: afterwards it hardly matters, and a run must not be disturbed.
    private async Task Report(Delivery delivery, string error, DateTimeOffset now)
    {
        while (true)
        {
            try
            {
                var log = store.Read(delivery.Thread);
                if (!IsOpen(log.Thread, delivery.Request))
                {
                    return;
                }

                await store.Append(log, ThreadDecider.Decide(log.Thread, new ReportFailedDelivery(now, delivery.Request, delivery.Channel, error))).ConfigureAwait(false);
                return;
            }
            catch (ConflictException)
            {
                logger.LogDebug("{Thread} moved while a failure was noted; looking again", delivery.Thread);
            }
            catch (Exception e) when (e is RefusedException || DatabaseException.IsOfOneLog(e))
            {
                // A log that is full keeps its room for answers; one that is damaged or was taken out of the database has none. The warning was given.
                logger.LogDebug("{Thread} takes no note of a failure: {Reason}", delivery.Thread, e.Message);
                return;
            }
        }
    }
}
