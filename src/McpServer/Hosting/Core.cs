using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Models;
using AgentMcp.Server.Access;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Tools;
using AgentMcp.Server.Triggers;
using AgentMcp.Server.Upstream;
using AgentMcp.State.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Everything that runs agents, wired once for whichever command needs it. Threads that can run on are picked up from
/// when <see cref="Recover"/> is first called until <see cref="Stop"/>, and so are agent files that change.
/// </summary>
internal sealed class Core : IDisposable
{
    private readonly Owner _owner;
    private readonly ThreadStore _store;
    private readonly ILogger _logger;
    private readonly Upstreams _upstreams;
    private readonly TimeProvider _clock;
    private readonly ModelChoice _models;
    private readonly StepMetrics _metrics = new();
    private readonly DatabaseMetrics _counts;
    private readonly StepHooks _hooks;
    private readonly Upkeep _upkeep;
    private readonly CancellationTokenSource _recovering = new();
    private readonly AgentFolders _folders;
    private Task _recovery = Task.CompletedTask;
    private AgentWatch? _watch;

    public Core(Settings settings, ILoggerFactory logs, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        _logger = logs.CreateLogger<Core>();
        Settings = settings;
        // Neither needs the other, and a host waits for both.
        var agents = Task.Run(() => Read(BuiltIn.Folders(settings)));
        Database = Database.Open(settings.Database);
        _owner = new Owner(Database);
        _counts = new(Database, _clock);
        _store = new ThreadStore(Database, _owner) { Bounds = settings.Limits.Log };
        Index = new ThreadIndex(Database);
        Pending = new PendingIndex(Database);
        Search = new ThreadSearch(Database);
        (_folders, Catalog) = agents.GetAwaiter().GetResult();
        _upstreams = new Upstreams(settings.Upstreams, settings.UpstreamStartTimeout, settings.UpstreamTimeout, _clock, logs, _owner);
        Catalog.Servers = _upstreams;
        _models = new ModelChoice(settings.Models, _clock, notice => _logger.LogInformation("{Notice}", notice));
        Runner = new ThreadRunner(_store, Index, new AgentLoop(_store, _clock, settings.People, agent => _models.For(agent.Model)), Catalog,
            agent => _models.For(agent.Model), _clock, logs.CreateLogger<ThreadRunner>());
        Host = new AgentHost(_store, Index, Runner, Catalog, _clock, settings.Approvals)
        {
            Admission = new(new ThreadCounts(Database).Open, () => Runner.Count, settings.Limits.OpenThreads, settings.Limits.Runs),
        };
        Access = new(Host, settings.Access.Allow);
        Waiting = new(this);
        Channels = new(settings.Channels, Database, _store, Host, () => settings.PublicUrl ?? InboxSite, _clock, logs);
        Triggers = new(settings.Triggers, Database, _store, Host, Channels, _clock, logs);
        Schedules = new(Database, _store);
        _upkeep = new(Runner, new(Catalog, Host, Schedules, Principals.Local, _clock, logs.CreateLogger<Scheduler>()), _clock, _logger);
        _store.Appended += (thread, version) => Moved?.Invoke(thread, version);
        _hooks = new(_store, _logger, StepHooks.Logging(_logger), TransitionLog.Hook(logs.CreateLogger(TransitionLog.Category)), _metrics.Take);
    }

    public event Action<State.Threads.ThreadId, int>? Moved;

    public Settings Settings { get; }

    public TimeProvider Clock => _clock;

    public ILogger Log => _logger;

    public Database Database { get; }

    public ThreadIndex Index { get; }

    public PendingIndex Pending { get; }

    public ThreadSearch Search { get; }

    /// <summary>Where a person's browser finds this server, once it listens.</summary>
    public string? InboxSite { get; set; }

    public MicroagentCatalog Catalog { get; }

    public ThreadRunner Runner { get; }

    public AgentHost Host { get; }

    /// <summary>The calls that wait, whichever door they came in by: their number is bounded.</summary>
    public WaitingCalls Waiting { get; }

    public HumanChannels Channels { get; }

    public TriggerSet Triggers { get; }

    public Schedules Schedules { get; }

    /// <summary>Who may see and do what.</summary>
    public AccessRules Access { get; }

    public ApiKeys Keys => field ??= new(Database, _store);

    /// <summary>The threads that a thread of this principal waits for, and what those wait for; of one that cannot be read nobody knows any.</summary>
    public IEnumerable<State.Threads.AgentThread> Below(State.Threads.ThreadId thread, Principal who)
    {
        try
        {
            return [.. Access.Among([thread], who).Values.SelectMany(owner => Host.Chain(thread, owner)).Skip(1).Select(log => log.Thread)];
        }
        catch (Exception e) when (e is State.Threads.RefusedException or InvalidDataException || (e is DatabaseException && DatabaseException.IsOfOnePlace(e)))
        {
            _logger.LogWarning("What {Thread} waits for cannot be followed: {Reason}", thread, e.Message);
            return [];
        }
    }

    /// <summary>
    /// Whether a principal sees a thread now. What was seen for what it asked is seen no more once that is answered by others,
    /// or when nobody can read what it asks.
    /// </summary>
    public bool Sees(Principal who, State.Threads.ThreadId thread)
    {
        try
        {
            return Access.Among([thread], who).Count > 0;
        }
        catch (Exception e) when (e is State.Threads.RefusedException || DatabaseException.IsOfOneLog(e))
        {
            _logger.LogWarning("Whether {Principal} sees {Thread} cannot be told: {Reason}", who.Id, thread, e.Message);
            return false;
        }
    }

    /// <summary>The versions of those of these threads that a principal sees.</summary>
    public IReadOnlyDictionary<State.Threads.ThreadId, int> SeenBy(Principal who, IEnumerable<State.Threads.ThreadId> threads) => Index.VersionsOf(threads.Distinct().Where(thread => Sees(who, thread)));

    /// <summary>Whether this process was told to stop, and so should be given no more work.</summary>
    public bool IsDraining { get; private set; }

    /// <inheritdoc cref="Upkeep.HasRecovered"/>
    public bool HasRecovered => _upkeep.HasRecovered;

    /// <summary>Cancelled when this process begins to stop: whoever waits for a thread is then told where it stands.</summary>
    public CancellationToken Stopping => _recovering.Token;

    /// <summary>Whether the model of the calling client chooses the steps of this thread, where it offers to.</summary>
    public bool Samples(State.Threads.AgentThread thread) => _models.Samples(Host.AgentOf(thread).Model);

    public void Recover()
    {
        _recovery = Task.WhenAll(_upkeep.Run(_recovering.Token), Task.Run(() => Channels.Run(_recovering.Token)), Task.Run(() => Triggers.Run(_recovering.Token)),
            Task.Run(() => Runner.Elsewhere.Run(_recovering.Token)));
        _watch = new(_folders, Catalog, _clock, _logger);
    }

    /// <summary>Goes on as before while whoever sends work here is told to send it elsewhere.</summary>
    public async Task Drain()
    {
        IsDraining = true;
        await Task.Delay(Settings.Operation.Drain, _clock).ConfigureAwait(false);
    }

    /// <summary>Gives running steps <paramref name="grace"/> to end; whatever does not is left to be taken up later.</summary>
    public async Task Stop(TimeSpan grace)
    {
        IsDraining = true;
        _watch?.Dispose();
        await _recovering.CancelAsync().ConfigureAwait(false);
        await _recovery.ConfigureAwait(false);
        await Runner.Stop(grace).ConfigureAwait(false);
        _upkeep.Dispose();
        await _upstreams.DisposeAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _upkeep.Dispose();
        Runner.Dispose();
        _hooks.Dispose();
        _metrics.Dispose();
        _counts.Dispose();
        _recovering.Dispose();
        _store.Dispose();
        _owner.Dispose();
        Database.Dispose();
    }

    private static (AgentFolders Folders, MicroagentCatalog Catalog) Read(AgentFolders folders) => (folders, folders.Load());
}
