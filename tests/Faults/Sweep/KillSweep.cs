using System.Collections.Concurrent;
using System.Text.Json;
using AgentMcp.Faults.World;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Faults.Sweep;

/// <param name="Kills">How many processes are killed.</param>
/// <param name="Seed">Fixes every script, answer and kill; how the processes interleave is up to the machine.</param>
/// <param name="Slots">Processes at a time, on one database.</param>
/// <param name="AtOnce">Errands at a time.</param>
internal sealed record SweepOptions(int Kills, int Seed, int Slots = 5, int AtOnce = 16);

/// <summary>
/// Servers that are killed, clients that go on, and an archive that compares what everyone was told with what is there.
/// See docs/faults.md.
/// </summary>
internal sealed class KillSweep : IAsyncDisposable
{
    private readonly SweepOptions _options;
    private readonly Database _database;
    private readonly ConcurrentQueue<string> _schedule = new();
    private readonly SemaphoreSlim _deploying = new(1);
    private readonly CancellationTokenSource _stuck = new();
    private int _taken;
    private int _started;

    public KillSweep(SweepOptions options)
    {
        _options = options;
        World = new(Pulse);
        _database = Database.Open(World.Database);
        Depot = new(this, options.Kills / 12);
        Archive = new(_database, World, Tally) { Other = Depot.Archive };
        Toll = new(this);
    }

    public Pulse Pulse { get; } = new();

    public TheWorld World { get; }

    public Archive Archive { get; }

    public Depot Depot { get; }

    public Fleet Fleet { get; } = new();

    public Toll Toll { get; }

    public Tally Tally { get; } = new();

    public ConcurrentQueue<string> Violations { get; } = new();

    public IEnumerable<string> Schedule => _schedule;

    /// <summary>Whether what is left is to be looked at.</summary>
    public bool Keep { get; set; }

    /// <summary>Random numbers of one part of the sweep, which nothing else draws from.</summary>
    public Random RandomOf(string part, int number) => new(HashCode(FormattableString.Invariant($"{_options.Seed}/{part}/{number}")));

    public async Task Run()
    {
        using var watch = new StandstillWatch(Pulse, standstill =>
        {
            Wrong($"nothing has moved for {standstill.TotalMinutes} minutes; open: {string.Join(", ", Ending.Open(_database))}");
            _stuck.Cancel();
        });
        var slots = Enumerable.Range(0, _options.Slots).Select(number => Guarded(new Slot(number, this).Run())).ToList();
        var depot = Guarded(Depot.Run());
        var migrating = Guarded(new Migrations(this, _options.Kills / 20).Run());
        var killing = Task.WhenAll(slots);
        await Task.WhenAll(Enumerable.Range(0, _options.AtOnce).Select(_ => Task.Run(() => RunErrands(killing)))).WaitAsync(_stuck.Token);
        var lives = await killing.WaitAsync(_stuck.Token);
        await migrating.WaitAsync(_stuck.Token);
        foreach (var what in Archive.Check(all: true).Concat(Ending.Unfinished(_database, _started)))
        {
            Wrong(what);
        }

        lives = [.. lives, await depot.WaitAsync(_stuck.Token)];
        foreach (var what in (await Depot.End()).Append(await Life.Verify(World, World.Database)).Append(await Life.Verify(World, World.DepotDatabase)).Where(what => what.Length > 0))
        {
            Wrong(what);
        }

        foreach (var life in lives)
        {
            if (await life.End() is var code && code != 0)
            {
                Wrong($"{life.Transport} ended with {code} when it was told to: {life.Errors}");
            }
        }

        Ending.LeftBehind(_database, World).Concat(Depot.LeftBehind()).Distinct().ToList().ForEach(Wrong);
        Toll.Sum();
    }

    /// <summary>The number of a kill that is still to come, or null when all are used up.</summary>
    public int? Take() => Interlocked.Increment(ref _taken) is var number && number <= _options.Kills && Violations.IsEmpty ? number : null;

    public void Note(string what) => _schedule.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {what}");

    public void Wrong(string what)
    {
        Note($"WRONG {what}");
        Violations.Enqueue(what);
    }

    public void Told(JsonElement seen)
    {
        var (thread, version, status) = (seen.GetProperty("thread_id").GetString()!, seen.GetProperty("version").GetInt32(), seen.GetProperty("status").GetString()!);
        Pulse.Beat();
        Archive.Tell(new(thread, version, status));
        Toll.Known[thread] = version;
    }

    public void Finished(Errand errand, string status, JsonElement seen)
    {
        Tally.Count(Toll.Started, errand.Scenario.Kind, status);
        if (status == "failed")
        {
            Wrong($"{errand.Thread}: errand {errand.Number}, {errand.Scenario.Kind}, failed: {seen.GetProperty("error")}");
        }
    }

    /// <summary>Ends when no git that a dead server left behind is at work any more.</summary>
    public async Task Orphans()
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Ending.Orphans(World).Count > 0)
        {
            await again.WaitForNextTickAsync(_stuck.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Processes.With(World.Home))
        {
            // Only after a violation: these were started here, and the world they act on goes away now.
            System.Diagnostics.Process.GetProcessById(process).Kill();
        }

        Depot.Dispose();
        _database.Dispose();
        _stuck.Dispose();
        _deploying.Dispose();
        await World.DisposeAsync(Keep);
    }

    private async Task RunErrands(Task killing)
    {
        while (!killing.IsCompleted && !_stuck.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _started);
            var scenario = Scenario.Draw(RandomOf("scenario", number), number);
            Toll.Scenarios[Errand.KeyOf(number)] = scenario;
            var deploys = scenario.Kind == Scenario.Deploy;
            await (deploys ? _deploying.WaitAsync() : Task.CompletedTask);
            try
            {
                if (deploys)
                {
                    World.Repository.Commit();
                }

                await new Errand(number, scenario, this).Run();
            }
            catch (Exception e)
            {
                // Whatever it is, a sweep that lost a client in silence would stand still in the end.
                Wrong($"errand {number}, {scenario}: {(e is InvalidDataException ? e.Message : e)}");
            }
            finally
            {
                _ = deploys ? _deploying.Release() : 0;
            }
        }
    }

    // A sweep that goes wrong itself must end, and not wait for what no longer comes.
    private async Task<T> Guarded<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (Exception e)
        {
            Wrong($"the sweep itself: {e}");
            await _stuck.CancelAsync();
            throw;
        }
    }

    // The same in every process and version, as string.GetHashCode is not.
    private static int HashCode(string text) => text.Aggregate(unchecked((int)2166136261), (hash, c) => unchecked((hash ^ c) * 16777619));
}
