using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents.Workflows;

/// <summary>
/// One run of a workflow's thread: what its code asks for is chosen, saved and done, and what comes of it is saved and
/// given to the code, until all that is open waits. Others may append meanwhile (an answer, the end of a child); then
/// what is true now is read and played again. Nothing survives a run but the log.
/// </summary>
internal sealed class WorkflowLoop(
    ThreadStore store, ThreadIndex index, TimeProvider clock, PeoplePolicy server, Microagent agent, ChildThreads children, Lease lease, RunStop stop, bool isPickedUp) : IDisposable
{
    private const string Model = "workflow";
    private readonly PeoplePolicy _by = agent.People.Within(server);
    private readonly Unheard _unheard = new(isPickedUp);
    private readonly Works _works = new(clock, store.Relays, agent, agent.People.Within(server), children, stop, isPickedUp);
    private ThreadLog _log = null!;
    private Execution? _execution;
    private int _unsaved;
    private bool _isDeadly;

    private Working? State => _log.Thread.State as Working;

    /// <exception cref="LeaseLostException">The thread was cancelled or taken over; nothing more was appended.</exception>
    public async Task<ThreadLog> Run(ThreadLog log)
    {
        using var movement = new Movement(store, index, clock, log.Thread.Id);
        if (!await First(log).ConfigureAwait(false))
        {
            await Save(LeaseUse.Release).ConfigureAwait(false);
            return log;
        }

        while (true)
        {
            try
            {
                if (await Turn().ConfigureAwait(false))
                {
                    return _log;
                }

                if (_unheard.Tell(_execution))
                {
                    continue;
                }

                await movement.After(_log.Thread, _works.Running).ConfigureAwait(false);
                if (index.VersionOf(log.Thread.Id) != _log.Thread.Version)
                {
                    Load(store.Read(log.Thread.Id));
                }
            }
            catch (ConflictException)
            {
                // Somebody answered, or a child ended, in between: go on from what is true now.
                Load(store.Read(log.Thread.Id));
            }
            catch (RefusedException e) when (e.Code == RefusalCode.TooLarge)
            {
                await _works.KeepEnds(store, lease, log.Thread.Id).ConfigureAwait(false);
                if (!stop.Requested)
                {
                    throw;
                }

                // Whoever cancels it, or runs it next, ends it.
                await store.Release(lease).ConfigureAwait(false);
                return store.Read(log.Thread.Id);
            }
        }
    }

    public void Dispose() => _works.Dispose();

    /// <returns>True when the run is over: the thread waits, has ended, or was told to stop.</returns>
    private async Task<bool> Turn()
    {
        foreach (var (call, command) in _works.Outcomes())
        {
            Stage(new OfCall(call, command));
            _works.Queue(call, command as StartTool);
        }

        Advance();
        if (_works.IsIdle && (stop.Requested || (_unheard.IsEmpty && (IsLeft() || End()))))
        {
            await Save(LeaseUse.Release).ConfigureAwait(false);
            return true;
        }

        var called = _log.Last(_unsaved).Any(happened => happened is RequestOpened { Child: not null });
        await Save(LeaseUse.None).ConfigureAwait(false);
        _works.Begin(_log.Thread);
        // A child may have ended before it was waited for, and could not tell.
        await (called ? children.After(_log.Thread) : Task.CompletedTask).ConfigureAwait(false);
        return false;
    }

    // All that follows from the log as it is, without doing anything outside.
    private void Advance()
    {
        Stage(new PassTime(clock.GetUtcNow()));
        bool moved;
        do
        {
            moved = false;
            foreach (var open in State?.Open ?? [])
            {
                moved |= !stop.Requested && !_works.Has(open.Id) && _execution?.Find(open.Id) is { } operation && Follow(open, operation);
            }

            moved |= !stop.Requested && Choose();
        }
        while (moved);
    }

    private bool Follow(OpenCall open, Operation operation)
    {
        var now = clock.GetUtcNow();
        if (open.State is Chosen { Call: var chosen } && operation.Wakes is { } wakes)
        {
            var due = wakes(chosen.At);
            return Stage(new OfCall(open.Id, new OpenARequest(now, RequestKind.Sleep, $"Sleeps until {due:yyyy-MM-ddTHH:mm:ssZ}.", DueAt: due)));
        }

        switch (Agents.Turn.OfCall(open.State, _ => operation.Intent, _by, now))
        {
            case Turn.Follow follow:
                return Stage(new OfCall(open.Id, follow.Command));
            case Turn.Gate gate:
                _works.Queue(open.Id, gate.Tool, gate.Call);
                return false;
            case Turn.Run run when run.IsLeft(_log.Thread):
                return false;
            case Turn.Run run:
                _works.Queue(open.Id, run.Tool);
                return Stage(new OfCall(open.Id, new StartTool(now)));
            default:
                return false;
        }
    }

    private bool Choose() => State is { Held: null, IsParked: false } && _unheard.IsEmpty && _execution is { Trouble: null, New: [var next, ..] }
        && Stage(Agents.Turn.Limit(_log.Thread, _log.Events, agent, server, clock.GetUtcNow())
            ?? (ThreadCommand)new ChooseStep(clock.GetUtcNow(), next.Name, next.Arguments, Model));

    // A call that only another process can go on with: that one is to find the thread as one that can.
    private bool IsLeft() => State is { } working && working.Open.Any(open => _execution?.Find(open.Id) is { } operation
        && Agents.Turn.OfCall(open.State, _ => operation.Intent, _by, clock.GetUtcNow()) is Turn.Run run && run.IsLeft(_log.Thread));

    // Nothing runs and nothing follows: the code has ended, or waits.
    private bool End()
    {
        var now = clock.GetUtcNow();
        var trouble = _isDeadly ? Trouble.Deadly : Trouble.Of(_log.Thread, agent, _execution);
        return (State, trouble, _execution?.Result) switch
        {
            (null, _, _) => true,
            ({ Held: not null } or { IsParked: true }, _, _) => Park(now),
            (_, { } why, _) => Stage(Trouble.Ask(why, _by, now)) && Park(now),
            ({ Open: [var left, ..] }, _, { } ended) => Fail(now, ended.IsFaulted ? ended.Exception.InnerException! : Trouble.LeftOpen(left)),
            (_, _, { IsCompletedSuccessfully: true } ended) => Complete(now, ended.Result),
            (_, _, { } ended) => Fail(now, ended.Exception?.InnerException ?? new OperationCanceledException("it cancelled itself")),
            _ => Park(now),
        };
    }

    private bool Park(DateTimeOffset now) => Stage(new ParkThread(now)) || true;

    private bool Complete(DateTimeOffset now, JsonText output) => JsonSchemas.Violation(agent.Output, output) is { } violation
        ? Fail(now, new InvalidDataException($"what it returned does not fit its output: {violation}"))
        : Stage(new CompleteThread(now, output));

    private bool Fail(DateTimeOffset now, Exception reason) => Stage(new FailThread(now, ErrorText.Of(reason)));

    private bool Stage(ThreadCommand command)
    {
        var events = ThreadDecider.Decide(_log.Thread, command);
        _unheard.Happened(events, _log.Thread.Version + 1, _execution);
        (_log, _unsaved) = (_log.With(events), _unsaved + events.Count);
        return events.Count > 0;
    }

    private async Task Save(LeaseUse then)
    {
        if (_unsaved > 0 || then != LeaseUse.None)
        {
            await store.SaveRun(_log, _unsaved, then, lease).ConfigureAwait(false);
            _unsaved = 0;
        }

        _works.Saved();
    }

    // The code runs to where the log is before anything of this run is stored, so it is counted where it may be what ended the last
    // one: under the version that is next, which no call has yet.
    // False where it was told to stop before it came to that.
    private async Task<bool> First(ThreadLog log)
    {
        try
        {
            return await store.Relays.Run(log.Thread.Id, new(log.Thread.Version + 1), isPickedUp, () =>
            {
                Load(log);
                return Task.FromResult(true);
            }, stop.Token).ConfigureAwait(false);
        }
        catch (ToolException e) when (e.Message == Unmarked.GivenUp)
        {
            (_log, _isDeadly) = (log, true);
            return true;
        }
        catch (OperationCanceledException) when (stop.Requested)
        {
            _log = log;
            return false;
        }
    }

    private void Load(ThreadLog log)
    {
        (_log, _unsaved, _isDeadly) = (log, 0, false);
        _unheard.Clear();
        _works.Unsaved();
        _execution = agent.Flow?.Find(log.Thread.Start.Workflow!) is { } code ? Execution.Of(code, log, agent) : null;
    }
}
