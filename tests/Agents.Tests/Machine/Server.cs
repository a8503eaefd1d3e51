using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>
/// A process: real store, runner, loops and host on a file it shares with others. It can die at any instruction of SQLite:
/// from then on it writes nothing, touches nothing outside, and its lock is free, while its tasks still run on, as
/// those of a machine that is cut off would.
/// </summary>
internal sealed class Server : IDisposable
{
    private readonly string _door;
    private readonly Database _database;
    private readonly Owner _owner;
    private readonly Town _town;
    private readonly Lock _holding = new();
    private SqliteConnection? _writing;
    private TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<ThreadId> _held = [];
    private volatile bool _dead;
    private int _left = int.MaxValue;

    /// <param name="folder">Where the database is. Each server goes in by a door of its own, so that no two share connections.</param>
    public Server(string folder, int number, Town town, HeldPulse pulse, Func<DateTimeOffset> now)
    {
        (_town, Pulse) = (town, pulse);
        _door = Path.Combine(folder, $"door{number}");
        Directory.CreateSymbolicLink(_door, Path.Combine(folder, "data"));
        _database = Database.Open(Path.Combine(_door, "threads.db"));
        _owner = new Owner(_database);
        Store = new ThreadStore(_database, _owner);
        Clock = new JumpingClock(now);
        var index = new ThreadIndex(_database);
        var catalog = new MicroagentCatalog(Cast.Of(this, town));
        var scripted = new LogModel(Script.Next);
        Runner = new ThreadRunner(Store, index, new AgentLoop(Store, Clock), catalog,
            agent => agent.Rules is null ? scripted : new RulesModel(), Clock, NullLogger<ThreadRunner>.Instance);
        Host = new AgentHost(Store, index, Runner, catalog, Clock);
    }

    public ThreadStore Store { get; }

    public ThreadRunner Runner { get; }

    public AgentHost Host { get; }

    public JumpingClock Clock { get; }

    public HeldPulse Pulse { get; }

    public bool IsDead => _dead;

    /// <summary>False where nothing is held: slow tools are as quick as others.</summary>
    public bool Holds { get; init; } = true;

    /// <summary>From here on SQLite asks before each instruction whether this process still lives.</summary>
    public async Task<Server> Begin()
    {
        _writing = await Store.Commits.Run(session => session.Connection);
        // Never taken off again: whoever did that from another thread would do it under SQLite's feet.
        raw.sqlite3_progress_handler(_writing.Handle!, 1, _ =>
        {
            if (!_dead && Interlocked.Decrement(ref _left) == 0)
            {
                Die();
            }

            return _dead ? 1 : 0;
        }, null);
        return this;
    }

    public void DieAfter(int instructions) => Volatile.Write(ref _left, Math.Max(1, instructions));

    public void Die() => _town.Still(() =>
    {
        if (_dead)
        {
            return;
        }

        _dead = true;
        // What it has open it keeps, but it gets in no more.
        File.Delete(_door);
        SqliteConnection.ClearPool(_writing!);
        _owner.Dispose();
        LetGo();
    });

    /// <exception cref="InvalidOperationException">This process is dead, whatever its tasks believe.</exception>
    public void MustLive()
    {
        if (_dead)
        {
            throw new InvalidOperationException("This process is dead.");
        }
    }

    public void LetGo()
    {
        lock (_holding)
        {
            _held.Clear();
            _letGo.SetResult();
            _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public bool IsHeld(ThreadId thread)
    {
        lock (_holding)
        {
            return _held.Contains(thread);
        }
    }

    /// <summary>A call that takes its time.</summary>
    public async Task Hold(ToolCall call, CancellationToken cancellation)
    {
        Task letGo;
        lock (_holding)
        {
            letGo = _dead || !Holds ? Task.CompletedTask : _letGo.Task;
            _ = letGo.IsCompleted || _held.Add(call.Thread);
        }

        Pulse.Beat();
        await letGo.WaitAsync(cancellation);
    }

    /// <summary>The run of a thread here, unless there is none or a call holds it up.</summary>
    public Task? Moving(ThreadId thread) => Runner.Find(thread) is { IsCompleted: false } run && !IsHeld(thread) ? run : null;

    public void Dispose()
    {
        Die();
        Store.Dispose();
        _database.Dispose();
        Runner.Dispose();
    }
}

/// <summary>Tells whoever waits that some call is held somewhere.</summary>
internal sealed class HeldPulse
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Next => _next.Task;

    public void Beat() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

/// <summary>A clock that is off by as much as it is told, in both directions. What waits for a time waits for the real one.</summary>
internal sealed class JumpingClock(Func<DateTimeOffset> now) : TimeProvider
{
    public TimeSpan Off { get; set; }

    public override DateTimeOffset GetUtcNow() => now() + Off;
}
