using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Telemetry;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// Launch, ask, pause, resume, stop: what every transport and the command line do with threads. A thread of another
/// principal looks like one that does not exist. Thread-safe.
/// </summary>
public sealed class AgentHost(
    ThreadStore store, ThreadIndex index, ThreadRunner runner, MicroagentCatalog catalog, TimeProvider clock, AnswerableBy approvals = AnswerableBy.Caller)
{
    private readonly ThreadWait _wait = new(store, index, runner, clock);
    private readonly ThreadChanges _changes = new(store, runner);

    public MicroagentCatalog Catalog => catalog;

    /// <summary>Bounds what may be started; null for no bounds.</summary>
    public Admission? Admission { get; init; }

    /// <inheritdoc cref="Launch"/>
    /// <returns>Its id.</returns>
    public async Task<ThreadId> Start(
        string agentName, JsonText input, Responder caller, string? idempotencyKey = null, string trigger = "message_received", Cause? cause = null, JsonText? shown = null, CallersTrace? trace = null) =>
        (await Launch(agentName, input, caller, idempotencyKey, trigger, cause, shown, trace).ConfigureAwait(false)).Thread.Id;

    /// <summary>Starts a thread; its first event is stored when this returns. The run goes on by itself.</summary>
    /// <returns>The thread as far as it came at once.</returns>
    /// <param name="cause">What is used up by starting it.</param>
    /// <param name="shown">What the agent's model reads in place of the input, where that is what a message from outside amounts to. A workflow reads its input.</param>
    /// <param name="trace">The trace the caller belongs to, as it says itself.</param>
    /// <exception cref="RefusedException">No such agent, or an input it does not take; no thread was created.</exception>
    /// <exception cref="UsedUpException">The cause has started a thread already.</exception>
    public async Task<ThreadLog> Launch(
        string agentName, JsonText input, Responder caller, string? idempotencyKey = null, string trigger = "message_received", Cause? cause = null, JsonText? shown = null, CallersTrace? trace = null)
    {
        AgentInput.CheckKey(idempotencyKey);
        // What was started is there, whatever has become since of the agent and of the servers whose tools it lists.
        if (idempotencyKey is not null && store.FindStarted(caller.By, idempotencyKey, (agentName, Read(catalog.Find(agentName)))) is { } known)
        {
            return store.Read(known);
        }

        var agent = AgentInput.Check(catalog, agentName, input);
        var (hash, definition) = await catalog.DefinitionToStart(agent).ConfigureAwait(false);
        await store.SaveDefinition(hash, definition).ConfigureAwait(false);
        var now = clock.GetUtcNow();
        var id = ThreadId.New(now);
        using var span = RunSpan.First(agent, id, trace);
        var kept = span.Trace ?? trace;
        var command = new StartThread(now, agent.Name, hash, Read(agent), caller.By, caller.Channel, trigger, Workflow: agent.Flow?.Version, Trace: kept?.Parent, TraceState: kept?.State);
        var first = (ThreadStarted)ThreadDecider.Decide(new AgentThread(id), command)[0];
        var log = await runner.Ahead(ThreadLog.Of(id, [first])).ConfigureAwait(false);
        var started = await store.Start(log, idempotencyKey, takeLease: log.Thread.Status == ThreadStatus.Running, cause,
            Admitting(caller.By)).ConfigureAwait(false);
        span.Stored(log.Thread, started);
        if (started.Lease is { } lease)
        {
            _ = runner.Begin(log, lease, span);
        }

        return started.IsNew ? log : store.Read(started.Id);

        JsonText Read(Microagent? by) => by?.Flow is null ? shown ?? input : input;
    }

    /// <summary>What a principal started under a key of its own with this input; null when nothing was.</summary>
    public ThreadId? Started(string agentName, JsonText input, string principal, string idempotencyKey) => store.FindStarted(principal, idempotencyKey, (agentName, input));

    /// <summary>Answers a request, or speaks to a completed thread, and lets it go on.</summary>
    /// <param name="owner">Whose thread it is, where a channel vouches for somebody else; else it must be the caller's own.</param>
    /// <exception cref="RefusedException">The answer does not fit what is awaited; the message says what is.</exception>
    /// <param name="cause">What is used up by the answer.</param>
    /// <returns>The thread that asked, as far as it came at once.</returns>
    public async Task<ThreadLog> Answer(
        ThreadId id, Responder caller, RequestId? request, bool? approved, JsonText? response, string? comment, JsonText? arguments = null, string? owner = null, Cause? cause = null)
    {
        AgentInput.Bound(response ?? JsonText.Null, "response");
        AgentInput.Bound(arguments ?? JsonText.Null, "arguments");
        AgentInput.Bound(JsonText.Of(comment), "comment");
        IReadOnlyList<ThreadEvent> events;
        ThreadLog log;
        (ThreadId Thread, RequestId? Request)? below;
        var said = id;
        do
        {
            below = null;
            var today = response?.AsString() == ChangedAgent.Migrate ? await Migration.Prepare(store, catalog, Owned(id, owner ?? caller.By).Thread).ConfigureAwait(false) : null;
            (events, log) = await Change(id, caller, LeaseUse.Take, thread =>
            {
                // Without a name the one open request is meant; of a thread that waits for others, whatever is asked below it.
                below = request is null ? UnnamedAnswer.Meant(thread, () => Chain(store.Read(thread.Id))) : null;
                if (below is not null)
                {
                    return [];
                }

                var answer = new Answer(clock.GetUtcNow(), caller with { Policy = approvals }, request, approved, response, comment, arguments, today);
                var decided = ThreadDecider.Decide(thread, CallersStep.Read(thread, answer, AgentOf));
                return thread.Id == said ? decided : UnnamedAnswer.Below(decided);
            }, owner, cause).ConfigureAwait(false);
            (id, request) = below ?? (id, request);
        }
        while (below is not null);

        if (events is [AnswerRefused refused])
        {
            var how = store.Read(id).Events[refused.Request.Version - 1] is RequestOpened { Relay.OnlyThere: true } ? "" : $" On this machine: agentmcp answer {id} --approve, or --reject \"reason\".";
            var reason = refused.Reason.Replace("this", refused.Request.In(id), StringComparison.Ordinal);
            throw new RefusedException(RefusalCode.HumanRequired,
                $"{char.ToUpperInvariant(reason[0])}{reason[1..]}, and this attempt was recorded.{how} Tell the person; then call wait_thread.");
        }

        return log;
    }

    /// <summary>A word to a completed thread, which then goes on. It answers nothing that is asked by now.</summary>
    /// <param name="seen">The version that whoever says it has seen; null for whichever it is.</param>
    /// <exception cref="RefusedException">The thread has moved on; nothing was stored.</exception>
    public async Task<ThreadLog> Speak(ThreadId id, Responder caller, JsonText words, string? owner = null, Cause? cause = null, int? seen = null)
    {
        AgentInput.Bound(words, "response");
        return (await Change(id, caller, LeaseUse.Take, thread => thread.State is ThreadState.Completed && (seen ?? thread.Version) == thread.Version
            ? ThreadDecider.Decide(thread, new Answer(clock.GetUtcNow(), caller with { Policy = approvals }, null, null, words, null))
            : throw new RefusedException(RefusalCode.NothingPending, "The thread has moved on since you saw it, and what you said was not recorded. Look at it again first."), owner, cause).ConfigureAwait(false)).Log;
    }

    /// <summary>Notes that somebody was asked and closed the form. The request stays open.</summary>
    public Task LeaveOpen(ThreadId id, Responder caller, RequestId request, string reason, string? owner = null) => Change(id, caller, LeaseUse.None, thread =>
        ThreadDecider.Decide(thread, new LeaveOpen(clock.GetUtcNow(), request, caller.By, caller.Channel, reason)), owner);

    /// <summary>Ends a thread for good. What runs is cut off first, so that its outcome comes before the end.</summary>
    /// <param name="owner">Whose thread it is, where the caller may end those of others.</param>
    public Task Cancel(ThreadId id, Responder caller, string? reason, string? owner = null) => Change(id, caller, LeaseUse.Revoke, thread =>
        ThreadDecider.Decide(thread, new CancelThread(clock.GetUtcNow(), caller.By, caller.Channel, reason)), owner);

    /// <summary>Copies the first events of a thread under a new id. The copy goes on by itself unless it waits.</summary>
    /// <param name="owner">Whose thread it is, where the caller may copy those of others. The copy is theirs too.</param>
    /// <exception cref="RefusedException">There is no such version, it cannot be copied, or its owner has too many threads; nothing was started.</exception>
    public async Task<ThreadId> Fork(ThreadId id, int atVersion, Responder caller, string? owner = null)
    {
        var principal = owner ?? caller.By;
        var log = Owned(id, principal);
        if (atVersion < 1 || atVersion > log.Thread.Version)
        {
            throw new RefusedException(RefusalCode.InvalidVersion, $"{id} has the versions 1 to {log.Thread.Version}; {atVersion} is none of them.");
        }

        var now = clock.GetUtcNow();
        var copy = ThreadLog.Of(ThreadId.New(now), log.Events.Take(atVersion));
        var fork = copy.With(ThreadDecider.Decide(copy.Thread, new ForkThread(now, id, caller.By, caller.Channel)));
        if (await store.Copy(fork, takeLease: fork.Thread.Status == ThreadStatus.Running, Admitting(principal)).ConfigureAwait(false) is { } lease)
        {
            _ = runner.Begin(fork, lease);
        }

        return fork.Thread.Id;
    }

    /// <inheritdoc cref="ThreadIndex.Belonging"/>
    /// <remarks>It never changes; of a thread that was purged a moment ago it may still be said.</remarks>
    public (string Principal, string First, string Agent)? Belonging(ThreadId id) =>
        store.Known(id) is { Thread.Start: { Root: null } start } ? (start.Principal, start.Agent, start.Agent) : index.Belonging(id);

    public ThreadLog Get(ThreadId id, string principal) => Owned(id, principal);

    /// <summary>A thread, the child it waits for, the child that waits for, and so on: the last works or is what all wait for.</summary>
    public IReadOnlyList<ThreadLog> Chain(ThreadId id, string principal) => Chain(Owned(id, principal));

    /// <inheritdoc cref="Chain(ThreadId, string)"/>
    public IReadOnlyList<ThreadLog> Chain(ThreadLog log) => runner.Children.ChainOf(log);

    /// <summary>Whether a thread was called by another one, directly or through others.</summary>
    public bool IsBelow(ThreadId inner, ThreadId outer, string principal) =>
        index.VersionsOf([inner], principal).Count > 0 && inner != outer && store.Read(inner).Thread.Path.Contains(outer);

    public ThreadPage List(ThreadFilter filter) => index.List(filter);

    /// <summary>Whether it stays as it is until somebody says something, or a time comes.</summary>
    public static bool IsAtRest(AgentThread thread) => !ThreadWait.MayMove(thread);

    /// <inheritdoc cref="ThreadWait.For"/>
    public Task<ThreadLog> Wait(ThreadId id, string principal, TimeSpan atMost, CancellationToken cancellation) => _wait.For(id, principal, atMost, cancellation);

    /// <summary>The prompt as it would be now, and the agent as it was when the thread began.</summary>
    public Microagent AgentOf(AgentThread thread) => catalog.As(thread.Start.Agent, thread.Definition.Hash, store.FindDefinition);

    /// <summary>The agent as it was when the event of this version came about; a thread may have gone over to a later one since.</summary>
    public Microagent AgentAt(ThreadLog log, int version) => AgentOf(log.At(version).Thread);

    /// <summary>The same as it was stored.</summary>
    public JsonText? DefinitionOf(AgentThread thread) => store.FindDefinition(thread.Start.Definition);

    private Action? Admitting(string principal) => Admission is null ? null : () => Admission.Check(principal);

    private Task<(IReadOnlyList<ThreadEvent> Events, ThreadLog Log)> Change(ThreadId id, Responder caller, LeaseUse use, Func<AgentThread, IReadOnlyList<ThreadEvent>> decide, string? owner = null, Cause? cause = null) =>
        _changes.Make(id, owner ?? caller.By, use, decide, cause);

    private ThreadLog Owned(ThreadId id, string principal) => _changes.Owned(id, principal);
}
