using AgentMcp.Agents;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Access;

/// <summary>
/// Who may see and do what, in one place. Whatever a principal may not see is refused in the words for what is not
/// there, before anything of it is read. Thread-safe.
/// </summary>
/// <param name="allowed">The roles and principals an agent is restricted to by the settings, by its name.</param>
internal sealed class AccessRules(AgentHost host, IReadOnlyDictionary<string, IReadOnlyList<string>> allowed)
{
    /// <summary>The agents there are for this principal, in the order of their names.</summary>
    public IReadOnlyList<Microagent> AgentsFor(Principal who) => [.. host.Catalog.All.Where(agent => Knows(who, agent.Name))];

    /// <summary>Whether there is such an agent for this principal.</summary>
    public bool Knows(Principal who, string agent) => (who.Agents is null || who.Agents.Contains(agent)) && (who.Has(Roles.Admin) || IsAllowed(who, agent));

    /// <exception cref="RefusedException">It may not start agents, or there is no such agent for it, or none that the input names.</exception>
    public void Start(Principal who, string agent, JsonText input, string? idempotencyKey)
    {
        Require(who, Roles.Run, "start an agent");
        try
        {
            Find(who, agent);
            FindNamed(who, agent, input);
        }
        catch (RefusedException)
        {
            // What it began is there also when the agent is not, or one that the input names. Not asked in a filter: that the
            // database cannot say now is no answer.
            if (!IsStarted(who, agent, input, idempotencyKey))
            {
                throw;
            }
        }
    }

    /// <exception cref="RefusedException">There is no such agent for it.</exception>
    public Microagent Find(Principal who, string agent) =>
        Knows(who, agent) && host.Catalog.Find(agent) is { } found ? found : throw NotThere(who, agent);

    /// <summary>Which threads are listed for a principal.</summary>
    public Sight SightOf(Principal who)
    {
        List<string> hidden = who.Has(Roles.Admin) ? [] : [.. host.Catalog.Every.Select(agent => agent.Name).Union(allowed.Keys).Where(agent => !IsAllowed(who, agent))];
        List<string>? known = who.Has(Roles.Admin) ? null : [.. host.Catalog.Every.Select(agent => agent.Name).Except(hidden)];
        return new(who.Has(Roles.Run) ? who.Id : null, who.Has(Roles.Read) ? Others.All : who.Has(Roles.Approve) ? Others.Asking : Others.None,
            who.Id, who.Agents, hidden.Count == 0 ? null : hidden, known);
    }

    /// <summary>Whose thread it is, for one who may see it.</summary>
    /// <exception cref="RefusedException">There is no such thread, or none for this principal.</exception>
    public string OwnerOf(ThreadId id, Principal who) => Seen(id, who) ?? throw ThreadStore.NotFound(id);

    /// <inheritdoc cref="OwnerOf"/>
    public ThreadLog Get(ThreadId id, Principal who) => host.Get(id, OwnerOf(id, who));

    /// <summary>Those of these threads that the principal may see, with whose they are.</summary>
    public IReadOnlyDictionary<ThreadId, string> Among(IEnumerable<ThreadId> ids, Principal who) =>
        ids.Distinct().Select(id => (Id: id, Owner: Seen(id, who))).Where(seen => seen.Owner is not null).ToDictionary(seen => seen.Id, seen => seen.Owner!);

    /// <summary>The same for one who is to end it, copy it or speak to it.</summary>
    /// <exception cref="RefusedException">There is no such thread for this principal, or it is another's.</exception>
    public string Change(ThreadId id, Principal who, string what)
    {
        var owner = OwnerOf(id, who);
        return MayChange(who, owner) ? owner
            : throw new RefusedException(RefusalCode.Forbidden, $"To {what} takes the role admin, or run and a thread of one's own. You are {who.Id} with {who.RolesText}, and {id} is another's.");
    }

    /// <summary>The same for one who is to copy it: what follows then is called anew.</summary>
    /// <inheritdoc cref="Change"/>
    public string Fork(ThreadId id, Principal who)
    {
        var owner = Change(id, who, "fork a thread");
        var start = host.Get(id, owner).Thread.Start;
        Call(who, start);
        FindNamed(who, start.Agent, start.Input);
        return owner;
    }

    /// <summary>The same for one who is to speak to it: that is the next message of its agent, and comes from whoever may call it.</summary>
    /// <inheritdoc cref="Change"/>
    public string Speak(ThreadId id, Principal who)
    {
        var owner = Change(id, who, "speak to a thread");
        Call(who, host.Get(id, owner).Thread.Start);
        return owner;
    }

    /// <summary>What an answer is for. To one's own thread anything may be said; in another's an approver answers what it is asked.</summary>
    /// <param name="outer">The thread that was named; the one that asks may be below it.</param>
    /// <param name="request">Null for the one that is open.</param>
    /// <exception cref="RefusedException">There is no such thread or request for this principal, or it may answer nothing.</exception>
    public (ThreadId Thread, RequestId? Request, string Owner) ToAnswer(ThreadId outer, (ThreadId Thread, RequestId Id)? request, Principal who)
    {
        var owner = OwnerOf(outer, who);
        if (MayChange(who, owner))
        {
            // Without a name it may be a word to a thread that is done.
            return request is null && !IsFor(who, outer) ? The(outer, Asked(outer, owner, open => open.Asked.Kind != RequestKind.Child), owner) : (request?.Thread ?? outer, request?.Id, owner);
        }

        Require(who, Roles.Approve, "answer what another's thread asks");
        if (request is var (thread, id))
        {
            var log = host.Get(thread, owner);
            return id.Version > 0 && id.Version <= log.Thread.Version && log.Events[id.Version - 1] is RequestOpened asked && MayAnswer(asked, who) ? (thread, id, owner)
                : throw new RefusedException(RefusalCode.RequestNotFound, $"{id.In(thread)} is nothing that you are asked.");
        }

        return The(outer, Asked(outer, owner, open => MayAnswer(open.Asked, who)), owner);
    }

    /// <summary>Whether it may end, copy and speak to the threads of an owner.</summary>
    public static bool MayChange(Principal who, string owner) => IsOwn(who, owner) || who.Has(Roles.Admin);

    /// <summary>Whether it may have a thread it sees go on with words of its own, or a copy of it.</summary>
    public bool MayCall(Principal who, ThreadStarted start) => start.Root is null || IsFor(who, start.Agent);

    /// <summary>Whether a request is one that people are asked, and this one among them. <see cref="Sight"/> says the same in SQL.</summary>
    public static bool MayAnswer(RequestOpened asked, Principal who) =>
        (asked.Kind is RequestKind.Approval or RequestKind.Question or RequestKind.Budget or RequestKind.InDoubt || asked is { Kind: RequestKind.ExternalResult, AnswerableBy: AnswerableBy.Human })
            && asked.Relay?.OnlyThere != true && asked.Responders?.Contains(who.Id, StringComparer.OrdinalIgnoreCase) != false;

    /// <summary>Whether what it says in a form or on a page would count as the answer to a request in a thread of this owner.</summary>
    public static bool Counts(RequestOpened asked, string owner, Principal who, AnswerableBy server) =>
        asked.Responders?.Contains(who.Id, StringComparer.OrdinalIgnoreCase) != false
            && (MayChange(who, owner) || (who.Has(Roles.Approve) && MayAnswer(asked, who)))
            && (AnswerRules.WhoFor(asked, server) == AnswerableBy.Caller || !who.IsAuthenticated || who.IsApprover);

    /// <exception cref="RefusedException">It has not the role.</exception>
    public static void Require(Principal who, Roles role, string what)
    {
        if (!who.Has(role))
        {
            throw new RefusedException(RefusalCode.Forbidden, $"To {what} takes the role {WireName.Of(role)}. You are {who.Id} with {(who.Roles == Roles.None ? "none" : who.RolesText)}.");
        }
    }

    private bool IsStarted(Principal who, string agent, JsonText input, string? idempotencyKey) => idempotencyKey is not null
        && host.Started(agent, input, who.Id, idempotencyKey) is { } started && Seen(started, who) is not null;

    // Whom an agent calls is its author's choice, unless the caller chooses.
    private void FindNamed(Principal who, string agent, JsonText input)
    {
        foreach (var named in host.Catalog.Named(agent, input))
        {
            Find(who, named);
        }
    }

    // One look at the index decides, whether there is no such thread or it is another's; the log is read afterwards.
    private string? Seen(ThreadId id, Principal who) =>
        host.Belonging(id) is var (owner, first, _) && Knows(who, first)
            && (IsOwn(who, owner) || (IsThere(who, first) && (who.Has(Roles.Read) || (who.Has(Roles.Approve) && IsAsked(id, owner, who)))))
            ? owner : null;

    // Of an agent that is there no more nobody knows whom it was for.
    private bool IsThere(Principal who, string agent) => who.Has(Roles.Admin) || host.Catalog.Find(agent) is not null;

    private static bool IsOwn(Principal who, string owner) => owner == who.Id && who.Has(Roles.Run);

    private bool IsAllowed(Principal who, string agent) =>
        IsAmong(host.Catalog.Find(agent)?.Allow, who) && IsAmong(allowed.GetValueOrDefault(agent), who);

    // A name that is a role stands for nothing else; no principal bears one.
    private static bool IsAmong(IReadOnlyList<string>? names, Principal who) =>
        names is null || names.Any(name => Principal.RoleOf(name) is { } role ? who.Has(role) : name == who.Id);

    // What another agent has it do is its author's choice; what is said to it anew is the caller's.
    private bool IsFor(Principal who, ThreadId id) => host.Belonging(id) is not var (_, first, agent) || first == agent || IsFor(who, agent);

    private void Call(Principal who, ThreadStarted start)
    {
        if (!MayCall(who, start))
        {
            throw NotThere(who, start.Agent);
        }
    }

    private RefusedException NotThere(Principal who, string agent) => MicroagentCatalog.NotFound(agent, AgentsFor(who).Select(known => known.Name));

    private bool IsFor(Principal who, string agent) => Knows(who, agent) && IsThere(who, agent);

    private List<(ThreadId, OpenRequest)> Asked(ThreadId id, string owner, Func<OpenRequest, bool> counts) =>
        [.. host.Chain(id, owner).SelectMany(log => log.Thread.OpenRequests.Where(counts).Select(open => (log.Thread.Id, open)))];

    private static (ThreadId, RequestId?, string) The(ThreadId outer, List<(ThreadId, OpenRequest)> asked, string owner) => asked switch
    {
        [var (asking, open)] => (asking, open.Id, owner),
        [] => throw new RefusedException(RefusalCode.NothingPending, $"{outer} asks nothing that you may answer."),
        var several => throw Awaited.Ambiguous(several),
    };

    // Whoever has answered still sees what became of it, and may say the same again. It is listed no longer.
    private bool IsAsked(ThreadId id, string owner, Principal who) =>
        host.Chain(id, owner).Any(log => log.Thread.OpenRequests.Any(open => MayAnswer(open.Asked, who)) || log.Thread.Answers.Values.Any(answer => answer.By == who.Id));
}
