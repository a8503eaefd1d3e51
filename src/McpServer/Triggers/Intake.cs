using AgentMcp.Agents;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Triggers;

/// <summary>
/// Works on what came in: starts threads, goes on with those a conversation belongs to, passes answers on. Each trigger
/// has a loop of its own. Several processes may do this on one database; each message has its effect once.
/// </summary>
internal sealed class Intake(
    IReadOnlyList<TriggerSettings> triggers, Arrivals arrivals, Places places, AgentHost host, ThreadStore store, HumanChannels channels, TimeProvider clock, ILogger<Intake> logger)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private readonly Rounds _rounds = new(Tick, clock, logger);
    private readonly Conversations _conversations = new(host, store, places, channels);
    private readonly WaitingWords _waiting = new(arrivals, clock);

    public async Task Run(CancellationToken stopping)
    {
        arrivals.Came += _rounds.LookAgain;
        store.Stored += Stopped;
        try
        {
            await Task.WhenAll(triggers.Select(trigger => _rounds.Run(() => Next(trigger, stopping), () => arrivals.NextDue(trigger.Name), stopping))).ConfigureAwait(false);
        }
        finally
        {
            store.Stored -= Stopped;
            arrivals.Came -= _rounds.LookAgain;
        }
    }

    /// <inheritdoc cref="TriggerSet.Check"/>
    public void Check(string trigger, Incoming what)
    {
        switch (what)
        {
            case Incoming.Message message:
                AgentInput.Bound(message.Shown, "message");
                if (!GoesOn(trigger, message))
                {
                    AgentInput.Check(host.Catalog, message.Agent, message.Input);
                    CheckNamed(Settings(trigger), message);
                }

                break;
            case Incoming.Answered answered:
                Find(trigger, answered);
                break;
        }
    }

    // Words for a thread there is, or soon will be, need not be such as begin one.
    private bool GoesOn(string trigger, Incoming.Message message) => message.Words is not null
        && (_conversations.Find(Settings(trigger), message) is not null || (message.Conversation is { } named && arrivals.IsExpected(trigger, named)));

    private TriggerSettings Settings(string trigger) => triggers.First(one => one.Name == trigger);

    private void Stopped(ThreadLog log, int added)
    {
        if (_waiting.IsFor(log.Thread))
        {
            _rounds.LookAgain();
        }
    }

    private async Task<bool> Next(TriggerSettings trigger, CancellationToken stopping)
    {
        await _waiting.Wake().ConfigureAwait(false);
        if (await arrivals.Claim(trigger.Name, clock.GetUtcNow()).ConfigureAwait(false) is not { } arrival)
        {
            return false;
        }

        try
        {
            // The servers whose tools an agent needs may keep it waiting; no stop waits for them.
            await Work(trigger, arrival, Incoming.Read(arrival.Data)).WaitAsync(stopping).ConfigureAwait(false);
            await arrivals.Settle(arrival, error: null).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Whoever is next deals with it, at once. Should it have come to its end here all the same, it is used up.
            await Again(arrival, "the process that had begun with it was stopped", TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Code is RefusalCode.LimitReached or RefusalCode.Busy or RefusalCode.Unavailable)
        {
            // It was taken, so it is not lost: there will be room for it, and the server whose tools it needs will be back.
            await Again(arrival, e.Message).ConfigureAwait(false);
        }
        catch (RefusedException e)
        {
            logger.LogWarning("{Trigger}: the message {Id} was refused: {Reason}", trigger.Name, arrival.Id, e.Message);
            await arrivals.Settle(arrival, e.Message).ConfigureAwait(false);
        }
        catch (UsedUpException)
        {
            logger.LogInformation("{Trigger}: the message {Id} was dealt with by another process", trigger.Name, arrival.Id);
        }
        catch (PostponedException e)
        {
            await (e.Until is { } thread ? _waiting.Add(arrival, e.Message, thread) : Again(arrival, e.Message)).ConfigureAwait(false);
        }
        catch (Exception e) when (DatabaseException.IsOfOneLog(e))
        {
            // What is said to other threads is dealt with all the same, and this when its turn comes again: the log may be mended by then.
            logger.LogWarning("{Trigger}: the message {Id} could not be dealt with, attempt {Attempt}: {Reason}", trigger.Name, arrival.Id, arrival.Attempt, e.Message);
            await Failed(arrival, "the log of its thread cannot be read").ConfigureAwait(false);
        }
        catch (Exception e) when (e is not DatabaseException)
        {
            // A defect of ours must not end the loop of the trigger, nor lose the message at once.
            logger.LogError(e, "{Trigger}: the message {Id} could not be dealt with, attempt {Attempt}", trigger.Name, arrival.Id, arrival.Attempt);
            await Failed(arrival, $"an internal error ({e.GetType().Name})").ConfigureAwait(false);
        }

        return true;
    }

    private Task Failed(Arrival arrival, string error) => arrival.Attempt < Backoff.Attempts ? Again(arrival, error) : arrivals.Settle(arrival, error);

    private Task Again(Arrival arrival, string why, TimeSpan? pause = null) =>
        arrivals.Postpone(arrival, why, clock.GetUtcNow() + (pause ?? Backoff.After(arrival.Attempt, null, Random.Shared.NextDouble())));

    private async Task Work(TriggerSettings trigger, Arrival arrival, Incoming what)
    {
        var through = $"{trigger.Type}:{trigger.Name}";
        switch (what)
        {
            case Incoming.Answered answered:
                var (log, id) = Find(trigger.Name, answered);
                await host.Answer(log.Thread.Id, new Responder(answered.By, through, IsHuman: true), id, answered.Approved, answered.Response, answered.Comment,
                    owner: log.Thread.Start.Principal, cause: new Arrived(arrival)).ConfigureAwait(false);
                break;
            case Incoming.Message heard:
                var message = await trigger.Trigger.Introduce(heard).ConfigureAwait(false);
                if (await _conversations.Continue(trigger, through, arrival, message).ConfigureAwait(false))
                {
                    break;
                }

                CheckNamed(trigger, message);
                var place = new Place(trigger.Name, message.Conversation, message.Channel, message.Place ?? JsonText.Null);
                var thread = await host.Start(message.Agent, message.Input, new Responder(Principals.Local, through), trigger: message.Tag,
                    cause: new Arrived(arrival, place), shown: message.Shown).ConfigureAwait(false);
                logger.LogInformation("{Trigger} started {Thread} with {Agent}", trigger.Name, thread, message.Agent);
                break;
        }
    }

    // Whoever writes chooses among the agents of the trigger, also where an input names others.
    private void CheckNamed(TriggerSettings trigger, Incoming.Message message)
    {
        if (host.Catalog.Named(message.Agent, message.Input).FirstOrDefault(named => !trigger.Starts.Contains(named)) is { } stray)
        {
            throw MicroagentCatalog.NotFound(stray, trigger.Starts);
        }
    }

    // What came in through a trigger, or went out through one of its channels, can be answered through it; nothing else.
    private (ThreadLog Log, RequestId Id) Find(string trigger, Incoming.Answered answered)
    {
        var settings = Settings(trigger);
        if (!RequestId.TryParse(answered.Request, out var thread, out var id) || store.Read(thread) is not { } log
            || log.Events.ElementAtOrDefault(id.Version - 1) is not RequestOpened asked
            || !(places.IsFrom(log.Thread, trigger) || settings.Channels.Any(channel => channels.Outbox.WasTold(thread, id, channel.Name))))
        {
            throw new RefusedException(RefusalCode.RequestNotFound, $"There is no request '{answered.Request}' of a thread that came in through '{trigger}'.");
        }

        RequestDigest.Check(asked, answered.Digest);
        return (log, id);
    }
}

/// <summary>It cannot be dealt with yet, and is tried again after pauses that grow.</summary>
/// <param name="until">The thread that has to stop first. Nothing failed then, and such a wait is no attempt.</param>
internal sealed class PostponedException(string message, ThreadId? until = null) : Exception(message)
{
    public ThreadId? Until { get; } = until;
}
