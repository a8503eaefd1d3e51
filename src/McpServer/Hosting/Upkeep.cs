using AgentMcp.Agents;
using AgentMcp.State.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// What a process does again and again beside serving: it keeps the leases of what it runs, picks up threads, and starts
/// agents that are due. Each goes on by itself, however long another takes and whatever becomes of it.
/// </summary>
internal sealed class Upkeep : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ThreadRunner _runner;
    private readonly Scheduler _scheduler;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Troubles _troubles = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationToken _untilEnded;
    private int _keepsLeases;

    public Upkeep(ThreadRunner runner, Scheduler scheduler, TimeProvider clock, ILogger logger)
    {
        (_runner, _scheduler, _clock, _logger) = (runner, scheduler, clock, logger);
        _untilEnded = _ended.Token;
        // Whoever runs a thread keeps its lease, a command too that picks up no others. Whoever runs none has no timer.
        runner.Begun += KeepLeases;
    }

    /// <summary>Whether threads that others left have been looked for at least once.</summary>
    public bool HasRecovered { get; private set; }

    /// <summary>Picks up threads and starts what is due, until told to stop.</summary>
    public Task Run(CancellationToken stop) => Task.WhenAll(
        Task.Run(() => Repeat("Threads cannot be picked up", atOnce: true, Recover, stop), CancellationToken.None),
        // A look may wait for servers whose tools an agent needs, a stop does not; what was not started is still due.
        Task.Run(() => Repeat("Agents that are due cannot be started", atOnce: true, () => _scheduler.Look(stop).WaitAsync(stop), stop), CancellationToken.None));

    /// <summary>Leases are kept until now: while a process stops, its runs still go on for a while.</summary>
    public void Dispose()
    {
        _runner.Begun -= KeepLeases;
        if (!_untilEnded.IsCancellationRequested)
        {
            _ended.Cancel();
            _ended.Dispose();
        }
    }

    // A lease that was just taken holds for far longer than the first pause.
    private void KeepLeases()
    {
        if (Interlocked.Exchange(ref _keepsLeases, 1) == 0)
        {
            _ = Task.Run(() => Repeat("Leases cannot be kept", atOnce: false, _runner.Renew, _untilEnded), CancellationToken.None);
        }
    }

    private async Task Recover()
    {
        await _runner.Recover().ConfigureAwait(false);
        HasRecovered = true;
    }

    private async Task Repeat(string trouble, bool atOnce, Func<Task> work, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        while (atOnce || await Ticks(timer, stop).ConfigureAwait(false))
        {
            atOnce = false;
            try
            {
                await work().ConfigureAwait(false);
                _troubles.Over(trouble);
            }
            catch (Exception e)
            {
                // The disk may be full or the file locked for now. Whatever it is: if this ended, nobody would begin it again.
                if (!stop.IsCancellationRequested && _troubles.Note(trouble, e.Message))
                {
                    _logger.LogError(e is DatabaseException ? null : e, "{Trouble}: {Reason}", trouble, e.Message);
                }
            }
        }
    }

    private static async Task<bool> Ticks(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
