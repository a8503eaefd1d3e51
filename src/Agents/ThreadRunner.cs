using System.Collections.Concurrent;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Telemetry;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents;

/// <summary>
/// The runs of this process. A run belongs to no call and no connection: it goes on until its thread waits or ends.
/// Waiting threads are not here; they are rows. Thread-safe.
/// </summary>
public sealed class ThreadRunner(
    ThreadStore store, ThreadIndex index, AgentLoop loop, MicroagentCatalog catalog, Func<Microagent, IModel> models,
    TimeProvider clock, ILogger<ThreadRunner> logger, int mostAtOnce = 256) : IDisposable
{
    private readonly ThreadRun _run = new(store, index, loop, catalog, models, clock, logger);
    private readonly ConcurrentDictionary<ThreadId, Running> _runs = new();
    private readonly SemaphoreSlim _places = new(mostAtOnce);
    private readonly Unstored _unstored = new(store, clock, logger);
    private volatile bool _stopping;

    /// <summary>A run has begun here: its lease is to be kept (<see cref="Renew"/>) until it ends.</summary>
    public event Action? Begun;

    public int Count => _runs.Count;

    public bool IsStopping => _stopping;

    public ChildThreads Children => field ??= new(store, index, catalog, this, clock, logger);

    private Recovery Recovery => field ??= new(store, index, this, clock, logger);

    /// <summary>Looks after calls that have something under way elsewhere.</summary>
    public RelayWatch Elsewhere => field ??= new(store, this, clock, logger);

    /// <summary>The run of a thread in this process, if there is one; its result is the log it left.</summary>
    public Task<ThreadLog>? Find(ThreadId thread) => _runs.TryGetValue(thread, out var run) ? run.Task : null;

    /// <summary>Whether a run of the thread could not be stored here, and it is left alone for a while.</summary>
    public bool IsLeft(ThreadId thread) => _unstored.Holds(thread);

    /// <inheritdoc cref="ThreadRun.Ahead"/>
    public Task<ThreadLog> Ahead(ThreadLog log) => _run.Ahead(log);

    /// <summary>Runs a thread this process holds the lease of.</summary>
    /// <param name="span">Of the run, where it has begun already.</param>
    /// <param name="isPickedUp">Whoever ran it before may be dead, perhaps of what it did.</param>
    public Task<ThreadLog> Begin(ThreadLog log, Lease lease, RunSpan? span = null, bool isPickedUp = false)
    {
        var run = new Running(new RunStop(), isPickedUp);
        var handed = span?.HandOver();
        var work = new Task<Task<ThreadLog>>(() => Run(log, lease, run, handed));
        run.Task = work.Unwrap();
        // Only now may others see it: a stop that comes in between must find the task to wait for.
        _runs[log.Thread.Id] = run;
        if (_stopping)
        {
            run.Stop.AfterThisStep();
        }

        work.Start(TaskScheduler.Default);
        Begun?.Invoke();
        return run.Task;
    }

    /// <summary>Cuts the run of a cancelled thread off and waits a moment for what it still has to record.</summary>
    public async Task Cut(ThreadId thread, TimeSpan atMost, bool isCancelled = true)
    {
        if (_runs.TryGetValue(thread, out var run))
        {
            run.Stop.Now(isCancelled);
            await Settled(run.Task, atMost).ConfigureAwait(false);
        }
    }

    /// <summary>Picks up what can run on and nobody runs, and what is due; then what a crash left untold between threads. Returns how many threads were moved.</summary>
    public async Task<int> Recover(int limit = 100)
    {
        var moved = 0;
        try
        {
            await _unstored.GiveBack().ConfigureAwait(false);
            moved = await Recovery.PickUp(limit).ConfigureAwait(false);
        }
        finally
        {
            moved += await Recovery.TellAndCancel(limit).ConfigureAwait(false);
        }

        return moved;
    }

    /// <summary>Keeps the leases of what runs here or is left alone, and cuts off what was taken away.</summary>
    public async Task Renew()
    {
        if (_runs.IsEmpty && !_unstored.HoldsAny)
        {
            return;
        }

        var before = _runs.ToArray();
        var held = await store.RenewLeases(clock.GetUtcNow()).ConfigureAwait(false);
        foreach (var (thread, run) in before)
        {
            if (!held.Contains(thread) && _runs.ContainsKey(thread))
            {
                run.Stop.Now(cancelled: true);
            }
        }

        // Here too, for a process that picks up no threads: another one may.
        await _unstored.GiveBack().ConfigureAwait(false);
    }

    /// <summary>Lets running steps end for a while, then cuts them off. Every thread is left so that it can go on elsewhere.</summary>
    public async Task Stop(TimeSpan grace)
    {
        _stopping = true;
        var runs = _runs.Values.ToList();
        runs.ForEach(run => run.Stop.AfterThisStep());
        await Settled(Task.WhenAll(runs.Select(run => run.Task)), grace).ConfigureAwait(false);
        runs.ForEach(run => run.Stop.Now());
        await Settled(Task.WhenAll(runs.Select(run => run.Task)), TimeSpan.FromSeconds(1)).ConfigureAwait(false);
    }

    public void Dispose() => _places.Dispose();

    private async Task<ThreadLog> Run(ThreadLog log, Lease lease, Running run, RunSpan? begun)
    {
        var id = log.Thread.Id;
        using var span = begun ?? RunSpan.Next(log.Thread);
        await RunMetrics.Enter(_places).ConfigureAwait(false);
        try
        {
            var left = await _run.Through(log, lease, run.Stop, Children, run.IsPickedUp).ConfigureAwait(false);
            _unstored.Over(lease);
            span.LeftAt(left.Thread);
            await Children.After(left.Thread).ConfigureAwait(false);
            return left;
        }
        catch (Exception e)
        {
            // Not even the failure could be stored: the disk may be full for now, or a page damaged.
            _unstored.Keep(lease, e);
            throw;
        }
        finally
        {
            _places.Release();
            _runs.TryRemove(new(id, run));
            run.Stop.Dispose();
        }
    }

    internal Microagent AgentOf(AgentThread thread) => _run.AgentOf(thread);

    private async Task Settled(Task task, TimeSpan atMost)
    {
        try
        {
            await task.WaitAsync(atMost, clock).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A run's failure is its own and was logged there; here it only matters that it ended, or did not in time.
            logger.LogDebug("A run did not end cleanly: {Reason}", e.Message);
        }
    }

    private sealed class Running(RunStop stop, bool isPickedUp)
    {
        public RunStop Stop => stop;

        public bool IsPickedUp => isPickedUp;

        public Task<ThreadLog> Task { get; set; } = null!;
    }
}
