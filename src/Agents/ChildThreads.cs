using System.Runtime.ExceptionServices;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents;

/// <summary>
/// Threads that calls of other threads start. Each is started once, its end becomes the outcome of the call, and it is
/// cancelled with its caller. Nobody waits in memory: whoever ends a child tells its caller, and what a crash left
/// untold is found by <see cref="Recovery"/>, in any process. Thread-safe.
/// </summary>
public sealed class ChildThreads(
    ThreadStore store, ThreadIndex index, MicroagentCatalog catalog, ThreadRunner runner, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(5);
    private const int LongestError = 500;

    /// <summary>Waits for the child that a call started before its caller's process died, whatever has become of either agent since; null when it started none.</summary>
    // Its log is not read: another version of this program may run it by now, and it is there whether or not this one can read it.
    internal OpenARequest? Begun(AgentThread caller, Call call) => store.FindStarted(caller.Start.Principal, call.Id.IdempotencyKey(caller.Id)) is { } child
        ? WaitFor(index.AgentOf(child) ?? throw ThreadStore.NotFound(child), child) : null;

    /// <summary>Starts the child of a call.</summary>
    /// <exception cref="RefusedException">The call goes too deep, in a circle, to nobody, or with an input that does not fit.</exception>
    internal async Task<ThreadCommand> Start(AgentThread caller, Call call, Microagent agent, PeoplePolicy by, ToolOutcome.Child child)
    {
        // Which agents there are is not said: the input may have named this one, and whoever gave it may know fewer.
        var called = catalog.Find(child.Agent) ?? throw MicroagentCatalog.NotFound(child.Agent);
        var inherited = SharedLimits.Inherit(caller, agent, by, clock.GetUtcNow(), [.. caller.Children.Select(child => store.Read(child).Thread).Select(child => (child, As(child).Limits))]);
        Check(called, child.Input, inherited, caller.Start.Depth + 1);
        var (hash, definition) = await catalog.DefinitionToStart(called).ConfigureAwait(false);
        await store.SaveDefinition(hash, definition).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var id = ThreadId.New(now);
        using var span = RunSpan.First(called, id, CallersTrace.Of(caller));
        var trace = span.Trace ?? CallersTrace.Of(caller);
        var start = new StartThread(now, called.Name, hash, child.Input, caller.Start.Principal, EndChild.Channel, Parent: caller.Id, ParentCall: call.Id,
            Root: caller.Start.Root ?? caller.Id, Depth: caller.Start.Depth + 1, Inherited: inherited, Workflow: called.Flow?.Version, Trace: trace?.Parent, TraceState: trace?.State);
        var log = await runner.Ahead(ThreadLog.Of(id, ThreadDecider.Decide(new AgentThread(id), start))).ConfigureAwait(false);
        // The key is the call's own: however often the start is repeated, and by whichever process, there is one child.
        var started = await store.Start(log, call.Id.IdempotencyKey(caller.Id), takeLease: log.Thread.Status == ThreadStatus.Running).ConfigureAwait(false);
        span.Stored(log.Thread, started);
        if (started.Lease is { } lease)
        {
            _ = runner.Begin(log, lease, span);
        }

        return WaitFor(called.Name, started.Id);
    }

    /// <summary>
    /// What follows for others from where a thread has come to rest. Child and caller both look, each after its own
    /// commit, so that one of them sees the other whichever was first; the second to tell decides nothing.
    /// </summary>
    public async Task After(AgentThread thread)
    {
        try
        {
            await Follow(thread).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The thread itself is stored as it should be. Recovery looks for what was left untold.
            logger.LogError("What follows from {Thread} is left to recovery: {Reason}", thread.Id, e.Message);
        }
    }

    /// <summary>The same, for whoever deals with what goes wrong.</summary>
    internal Task Follow(AgentThread thread) =>
        Each<Func<AgentThread, Task>>([CancelOpenChildren, EndElsewhere, TellCaller, TellOfChildren], next => next(thread));

    /// <summary>The thread, the children it waits for, and what those wait for: each before what is below it, in the order they were called.</summary>
    public IReadOnlyList<ThreadLog> ChainOf(ThreadLog log) =>
        log.Thread.Children is { Count: > 0 } children ? [log, .. children.SelectMany(child => ChainOf(store.Read(child)))] : [log];

    private OpenARequest WaitFor(string agent, ThreadId child) => new(clock.GetUtcNow(), RequestKind.Child, $"Waits for {agent}.", Child: child);

    private static void Check(Microagent called, JsonText input, Inherited inherited, int depth)
    {
        if (inherited.Callers.Any(caller => caller.Agent == called.Name))
        {
            throw new RefusedException(RefusalCode.InvalidInput,
                $"{called.Name} cannot be called here: it is already at work in this run ({string.Join(" -> ", [.. inherited.Callers.Select(caller => caller.Agent), called.Name])})");
        }

        if (depth > inherited.Deepest)
        {
            throw new RefusedException(RefusalCode.InvalidInput,
                $"{called.Name} cannot be called here: agents may call each other {inherited.Deepest} deep at most ({string.Join(" -> ", inherited.Callers.Select(caller => caller.Agent))})");
        }

        if (JsonSchemas.Violation(called.Input, input) is { } violation)
        {
            throw new RefusedException(RefusalCode.InvalidInput, $"The input does not fit {called.Name}: {violation}");
        }
    }

    private Task EndElsewhere(AgentThread thread) => thread.State is Cancelled or Failed ? store.Relays.Hurry(thread.Id) : Task.CompletedTask;

    private Task TellCaller(AgentThread thread) =>
        thread.IsFinal && thread.Start.Parent is { } caller ? Tell(caller, thread) : Task.CompletedTask;

    private Task TellOfChildren(AgentThread thread) => Each(thread.Children, async child =>
    {
        if (store.Read(child).Thread is { IsFinal: true } ended)
        {
            await Tell(thread.Id, ended).ConfigureAwait(false);
        }
    });

    private async Task Tell(ThreadId caller, AgentThread child)
    {
        while (true)
        {
            var log = store.Read(caller);
            var events = ThreadDecider.Decide(log.Thread, EndOf(child, MostOutput(log.Thread)));
            if (events.Count == 0 || await Append(log, events, LeaseUse.Take).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private Task CancelOpenChildren(AgentThread caller)
    {
        if (caller.State is not (Cancelled or Failed))
        {
            return Task.CompletedTask;
        }

        var why = caller.State is Cancelled { Reason: { } reason } ? $": {reason}" : "";
        return Each(index.OpenChildren(caller.Id), async child =>
        {
            if (store.Read(child).Events.Any(happened => happened is ThreadCompleted))
            {
                // It was spoken to again, and goes on for whoever spoke.
                return;
            }

            await runner.Cut(child, CancelGrace).ConfigureAwait(false);
            bool done;
            do
            {
                var log = store.Read(child);
                var events = ThreadDecider.Decide(log.Thread, new CancelThread(clock.GetUtcNow(), caller.Id.Value, EndChild.Channel,
                    $"{caller.Start.Agent}, which called this, {(caller.State is Failed ? "failed" : "was cancelled")}{why}"));
                done = events.Count == 0 || await Append(log, events, LeaseUse.Revoke).ConfigureAwait(false);
            }
            while (!done);
        });
    }

    // What cannot be read keeps nothing from the others; only then is it told that there is something.
    internal static async Task Each<T>(IEnumerable<T> all, Func<T, Task> act)
    {
        ExceptionDispatchInfo? first = null;
        foreach (var one in all)
        {
            try
            {
                await act(one).ConfigureAwait(false);
            }
            catch (Exception e) when (DatabaseException.IsOfOnePlace(e))
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        first?.Throw();
    }

    /// <returns>False when somebody moved the thread in between, and it has to be decided again.</returns>
    internal async Task<bool> Append(ThreadLog log, IReadOnlyList<ThreadEvent> events, LeaseUse use, bool isAlone = false)
    {
        using var span = use == LeaseUse.Take ? RunSpan.Next(log.Thread) : null;
        var next = use == LeaseUse.Take && !isAlone ? await runner.Ahead(log.With(events)).ConfigureAwait(false) : log.With(events);
        // What has come to rest is run by nobody, and a process that ends begins nothing: another one picks it up.
        var then = use == LeaseUse.Take && (next.Thread.Status != ThreadStatus.Running || runner.IsStopping) ? LeaseUse.None : use;
        try
        {
            var lease = await store.Save(next, next.Thread.Version - log.Thread.Version, then, now: clock.GetUtcNow()).ConfigureAwait(false);
            span?.Stored(next.Thread, lease);
            if (lease is not null)
            {
                _ = runner.Begin(next, lease, span);
            }
            else
            {
                await After(next.Thread).ConfigureAwait(false);
            }

            return true;
        }
        catch (RefusedException e) when (e.Code == RefusalCode.TooLarge && next.Thread.Version > log.Thread.Version + events.Count)
        {
            // There is no room for what follows at once: the run finds that out, and ends the thread.
            span?.Forget();
        }
        catch (ConflictException)
        {
            span?.Forget();
            return false;
        }

        return await Append(log, events, use, isAlone: true).ConfigureAwait(false);
    }

    private Microagent As(AgentThread thread) => catalog.As(thread.Start.Agent, thread.Definition.Hash, store.FindDefinition);

    private int MostOutput(AgentThread caller) => As(caller).Limits.ToolOutput;

    private EndChild EndOf(AgentThread child, int mostOutput) => child.State switch
    {
        Completed done => new(clock.GetUtcNow(), child.Id, ToolRunner.Bounded(done.Output, mostOutput), null, child.Accounts.Above),
        Failed failed => new(clock.GetUtcNow(), child.Id, null, ErrorText.Cut(failed.Error, LongestError), child.Accounts.Above),
        Cancelled { Reason: { } reason } => new(clock.GetUtcNow(), child.Id, null, ErrorText.Cut($"it was cancelled: {reason}", LongestError), child.Accounts.Above),
        _ => new(clock.GetUtcNow(), child.Id, null, "it was cancelled", child.Accounts.Above),
    };
}
