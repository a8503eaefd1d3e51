using System.Collections.Concurrent;

namespace AgentMcp.Faults.Sweep;

/// <summary>What is looked at, and counted, when a process has died and when the next one has begun.</summary>
internal sealed class Toll(KillSweep sweep)
{
    /// <summary>Kills that a process was to deal itself, by where; those that missed came from outside, when its time was up.</summary>
    public const string Aimed = "aimed kills";
    public const string Hit = "hit";
    public const string CutOffAfter = "a thread was cut off after";
    public const string CutOffOf = "a thread was cut off of";
    public const string Kills = "kills";
    public const string TheOther = "the other server";
    public const string Started = "threads that people started";
    public const string Doubts = "doubts asked";
    public const string Fresh = "a fresh process was asked for";
    public const string KnownThread = "a thread that clients know";

    /// <summary>The newest version of each thread that some client was told of.</summary>
    public ConcurrentDictionary<string, int> Known { get; } = new();

    /// <summary>By the key that their thread was started with.</summary>
    public ConcurrentDictionary<string, Scenario> Scenarios { get; } = new();

    /// <summary>Asks a process that has just started for a thread that clients were told of.</summary>
    public async Task AskFresh(Life life, Random random)
    {
        var known = Known.ToArray();
        if (known.Length == 0)
        {
            await life.Call("list_agents", new { });
            sweep.Tally.Count(Fresh, "nothing that clients know");
            return;
        }

        var (thread, version) = known[random.Next(known.Length)];
        var result = await life.Call("get_thread", new { thread_id = thread, include_events = true });
        sweep.Tally.Count(Fresh, KnownThread);
        if (!result.TryGetProperty("structuredContent", out var seen)
            || (seen.GetProperty("events").GetArrayLength() is var events && (events < version || events != seen.GetProperty("version").GetInt32())))
        {
            sweep.Wrong($"{thread}: a fresh process knows less than version {version}: {result}");
        }
    }

    public void KilledMigrating(Plan plan, Life life)
    {
        sweep.Tally.Count(Kills, plan.Kind, life.Transport.ToString());
        CheckExit(plan, life);
        sweep.Pulse.Beat();
    }

    public void KilledThere(Plan plan, Life life)
    {
        sweep.Tally.Count(Kills, plan.Kind, TheOther);
        CheckExit(plan, life);
        sweep.Pulse.Beat();
    }

    /// <summary>Every check, after a process was killed.</summary>
    public void Killed(int number, Plan plan, Life life)
    {
        CheckExit(plan, life);
        var held = life.Owner is { } owner ? sweep.Archive.HeldBy(owner) : [];
        sweep.Tally.Count(Kills, plan.Kind, life.Transport.ToString());
        if (held.Count == 0)
        {
            sweep.Tally.Count(CutOffAfter, life.IsReady ? "nothing: no thread was running" : "nothing: the process was starting");
        }

        foreach (var thread in held)
        {
            sweep.Tally.Count(CutOffAfter, thread.Last);
            sweep.Tally.Count(CutOffOf, Scenarios[thread.Key].Kind);
        }

        sweep.Note($"kill {number} fell: {(life.IsReady ? "" : "starting ")}{string.Join(", ", held.Select(thread => $"{thread.Thread} {thread.Agent} after {thread.Last}"))}");
        sweep.Pulse.Beat();
        // The other server is seldom killed, and then early.
        sweep.Archive.Check().Concat(sweep.Depot.Archive.Check()).ToList().ForEach(sweep.Wrong);
    }

    /// <summary>What was asked and what happened, in all.</summary>
    public void Sum()
    {
        foreach (var (tool, outcome, times) in sweep.Archive.Doubts().Concat(sweep.Depot.Archive.Doubts()))
        {
            sweep.Tally.Count(Doubts, tool, outcome, times);
        }

        foreach (var done in sweep.World.All.GroupBy(done => done.Tool))
        {
            sweep.Tally.Count("effects", done.Key, "calls of threads", done.Count());
            sweep.Tally.Count("effects", done.Key, "times", done.Sum(call => call.Times));
        }
    }

    private void CheckExit(Plan plan, Life life)
    {
        if (plan.Die is not null)
        {
            sweep.Tally.Count(Aimed, plan.Kind, life.WasCutShort ? "missed" : Hit);
        }

        if (!life.WasKilled)
        {
            sweep.Wrong($"{plan}: it ended by itself with {life.ExitCode}: {life.Errors}");
        }
    }
}
