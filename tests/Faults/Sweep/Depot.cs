using AgentMcp.Faults.World;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Faults.Sweep;

/// <summary>
/// The other AgentMcp server: one address, one database of its own, and process after process, each killed by its plan
/// until its share of the kills is used up. The last one lives. Its agents are called by workflows of the servers here.
/// </summary>
internal sealed class Depot(KillSweep sweep, int kills) : IDisposable
{
    private const double Longest = 6;
    private readonly Database _database = Database.Open(sweep.World.DepotDatabase);

    public Archive Archive => field ??= new(_database, sweep.World, sweep.Tally) { Whose = Archive.There };

    /// <returns>The one that lives in the end.</returns>
    public async Task<Life> Run()
    {
        for (var generation = 1; ; generation++)
        {
            var plan = Plan.Draw(sweep.RandomOf("depot", generation), slot: 1, generation);
            var kill = generation <= kills ? sweep.Take() : null;
            var life = Life.Start(Transport.Http, sweep.World, sweep.World.DepotDatabase, kill is null ? null : plan.Die, sweep.World.DepotPort);
            sweep.Note($"depot.{generation}: {(kill is null ? "lives" : $"kill {kill}, {plan}")}");
            if (kill is null)
            {
                return life;
            }

            await Task.WhenAny(plan.Beats is { } beats ? sweep.Pulse.After(beats) : life.Ended, Task.Delay(TimeSpan.FromSeconds(Math.Min(Longest, plan.Seconds))), life.Ended);
            life.Kill();
            await life.Ended;
            sweep.Toll.KilledThere(plan, life);
            Archive.Check().ToList().ForEach(sweep.Wrong);
            life.Dispose();
        }
    }

    /// <summary>What a request is about that was passed on from here; null for any other.</summary>
    public (ThreadId Thread, IReadOnlyList<ThreadEvent> Log, int Version)? Of(RequestOpened request)
    {
        if (request.Relay?.Path is not { } path)
        {
            return null;
        }

        var thread = ThreadId.Parse(path.Split(' ')[^1]);
        var log = Archive.Log(thread.Value);
        return (thread, log, Enumerable.Range(1, log.Count).Last(version => log[version - 1] is RequestOpened opened && opened.Kind == request.Kind));
    }

    /// <summary>Somebody here is about to say yes to exactly these arguments of what is asked there.</summary>
    public void Approve(ThreadId thread, int request, string arguments)
    {
        if (Of((RequestOpened)sweep.Archive.Log(thread.Value)[request - 1]) is { } there)
        {
            Archive.Approve(there.Thread.Value, there.Version, arguments);
        }
    }

    /// <summary>Everything that is wrong in the end. What was cancelled here is ended there too, in its time.</summary>
    public async Task<IReadOnlyList<string>> End()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (Ending.Open(_database).Count > 0 && !patience.IsCancellationRequested)
        {
            await again.WaitForNextTickAsync(CancellationToken.None);
        }

        return [.. Ending.Open(_database).Select(thread => $"of the other server {thread} has not ended"), .. Archive.Check(all: true)];
    }

    public List<string> LeftBehind() => Ending.LeftBehind(_database, sweep.World);

    public void Dispose() => _database.Dispose();
}
