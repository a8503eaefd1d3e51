using AgentMcp.Agents.Models;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>
/// One process's worth of the real thing on a real file: store, runner and host, with a model that is given and a
/// clock that stands still. <see cref="Restart"/> lets go of everything and begins again on the same file.
/// </summary>
internal sealed class AgentBench : IAsyncDisposable
{
    public static readonly Responder Me = new("mia", "stdio");

    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly Owner _owner;
    private bool _gone;

    public AgentBench(Microagent agent, IModel model, AnswerableBy approvals = AnswerableBy.Caller, LogBounds? bounds = null)
        : this([agent], model, approvals, bounds)
    {
    }

    /// <param name="agents">The first is the one that is started.</param>
    public AgentBench(IReadOnlyList<Microagent> agents, IModel model, AnswerableBy approvals = AnswerableBy.Caller, LogBounds? bounds = null)
        : this(agents, model, Directory.CreateTempSubdirectory("bench-").FullName, true, new(new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero)), approvals, bounds)
    {
    }

    private AgentBench(IReadOnlyList<Microagent> agents, IModel model, string folder, bool ownsFolder, BenchClock clock, AnswerableBy approvals, LogBounds? bounds = null)
    {
        (_folder, _ownsFolder, Clock, Agents, Model, Approvals) = (folder, ownsFolder, clock, agents, model, approvals);
        Database = Database.Open(Path.Combine(folder, "threads.db"));
        _owner = new Owner(Database);
        Store = new ThreadStore(Database, _owner) { Bounds = bounds ?? new() };
        Index = new ThreadIndex(Database);
        var catalog = new MicroagentCatalog(agents);
        Runner = new ThreadRunner(Store, Index, new AgentLoop(Store, clock, approvals), catalog, _ => model, clock, Errors);
        Host = new AgentHost(Store, Index, Runner, catalog, clock, approvals);
    }

    public BenchClock Clock { get; }

    public IReadOnlyList<Microagent> Agents { get; }

    public IModel Model { get; }

    public AnswerableBy Approvals { get; }

    public Database Database { get; }

    public ThreadStore Store { get; }

    public ThreadIndex Index { get; }

    public ThreadRunner Runner { get; }

    public AgentHost Host { get; }

    public ErrorLog Errors { get; } = new();

    /// <summary>Another process on the same file. This one goes on living.</summary>
    public AgentBench Beside(IModel? model = null, Microagent? agent = null, BenchClock? clock = null) =>
        new(agent is null ? Agents : [agent], model ?? Model, _folder, false, clock ?? Clock, Approvals);

    /// <summary>The process ends in good order and another begins.</summary>
    public async Task<AgentBench> Restart(IModel? model = null, Microagent? agent = null, AnswerableBy? approvals = null)
    {
        await Runner.Stop(TimeSpan.Zero);
        LetGo();
        return new(agent is null ? Agents : [agent], model ?? Model, _folder, _ownsFolder, Clock, approvals ?? Approvals);
    }

    /// <summary>The process is gone from one moment to the next: nothing was stopped, its lock is free.</summary>
    public AgentBench Crash(IModel? model = null, IReadOnlyList<Microagent>? agents = null)
    {
        LetGo();
        return new(agents ?? Agents, model ?? Model, _folder, _ownsFolder, Clock, Approvals);
    }

    public Task<ThreadLog> Start(string message) => Start(Message(message));

    public async Task<ThreadLog> Start(JsonText input, string trigger = "message_received") =>
        await Settle(await Host.Start(Agents[0].Name, input, Me, trigger: trigger));

    public async Task<ThreadLog> Answer(ThreadLog log, bool? approved = null, string? response = null, string? comment = null) =>
        await AnswerJson(log, approved, response is null ? null : JsonText.Of(response), comment);

    public async Task<ThreadLog> AnswerJson(ThreadLog log, bool? approved, JsonText? response, string? comment = null)
    {
        await Host.Answer(log.Thread.Id, Me, null, approved, response, comment);
        return await Settle(log.Thread.Id);
    }

    /// <summary>Waits until the log of a thread is as it should be, while it runs in this process.</summary>
    public async Task<ThreadLog> Until(ThreadId id, Func<ThreadLog, bool> reached)
    {
        using var appended = new SemaphoreSlim(0);
        void Note(ThreadId thread, int version) => appended.Release();
        Store.Appended += Note;
        try
        {
            while (!reached(Store.Read(id)))
            {
                await appended.WaitAsync(TestContext.Current.CancellationToken);
            }

            return Store.Read(id);
        }
        finally
        {
            Store.Appended -= Note;
        }
    }

    /// <summary>Waits until nothing of this process runs the thread, and reads what is stored.</summary>
    public async Task<ThreadLog> Settle(ThreadId id)
    {
        while (Runner.Find(id) is { } run)
        {
            await run.WaitAsync(TestContext.Current.CancellationToken);
        }

        return Store.Read(id);
    }

    /// <summary>Waits until nothing of this process runs the thread or what it called, and reads what is stored.</summary>
    public async Task<ThreadLog> SettleTree(ThreadId id)
    {
        while (true)
        {
            var chain = Host.Chain(id, Me.By);
            if (chain.Select(log => Runner.Find(log.Thread.Id)).FirstOrDefault(run => run is not null) is { } run)
            {
                await run.WaitAsync(TestContext.Current.CancellationToken);
            }
            else if (IsHeldHere(id) && !Runner.IsLeft(id))
            {
                // What makes it go on is stored, and whoever stored it has not begun its run yet.
                await Task.Yield();
            }
            else
            {
                return chain[0];
            }
        }
    }

    private bool IsHeldHere(ThreadId id)
    {
        using var connection = Database.Connect();
        return connection.ExecuteScalar<long>("SELECT count(*) FROM leases WHERE thread_id = @thread AND owner = @owner", new { thread = id.Value, owner = _owner.Id }) > 0;
    }

    /// <summary>The child a thread waits for.</summary>
    public ThreadLog ChildOf(ThreadLog log) => Store.Read(log.Thread.Children[0]);

    public async Task<ThreadLog> Recover(ThreadId id)
    {
        await Runner.Recover();
        return await Settle(id);
    }

    /// <summary>From now on the disk takes no such rows.</summary>
    public void Refuse(string table, string when)
    {
        using var disk = Database.Connect();
        disk.Execute($"CREATE TRIGGER refused BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'not this one'); END");
    }

    public void Allow()
    {
        using var disk = Database.Connect();
        disk.Execute("DROP TRIGGER refused");
    }

    /// <summary>A thread whose process died when exactly these events were stored.</summary>
    public async Task<ThreadId> Found(IEnumerable<ThreadEvent> events)
    {
        var log = ThreadLog.Of(ThreadId.New(Clock.GetUtcNow()), events);
        var (hash, definition) = Definition.Of(Agents[0]);
        await Store.SaveDefinition(hash, definition);
        await Store.Copy(log, takeLease: false);
        return log.Thread.Id;
    }

    public static JsonText Message(string text) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("message", text);
        writer.WriteEndObject();
    });

    public async ValueTask DisposeAsync()
    {
        if (!_gone)
        {
            await Runner.Stop(TimeSpan.Zero);
            LetGo();
        }

        if (_ownsFolder && Directory.Exists(_folder))
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void LetGo()
    {
        _gone = true;
        Store.Dispose();
        _owner.Dispose();
    }
}
