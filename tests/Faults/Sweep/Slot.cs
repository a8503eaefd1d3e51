namespace AgentMcp.Faults.Sweep;

/// <summary>One place for a server: process after process, each killed by its plan, until the kills are used up. The last one lives.</summary>
internal sealed class Slot(int number, KillSweep sweep)
{
    /// <returns>The one that lives in the end.</returns>
    public async Task<Life> Run()
    {
        for (var generation = 1; ; generation++)
        {
            // Drawn also when it is not used: what comes later must not depend on who was quicker.
            var random = sweep.RandomOf($"slot {number}", generation);
            var plan = Plan.Draw(random, number, generation);
            var kill = sweep.Take();
            var life = Life.Start(plan.Transport, sweep.World, sweep.World.Database, kill is null ? null : plan.Die);
            sweep.Note($"slot {number}.{generation}: {(kill is null ? $"{plan.Transport}, lives" : $"kill {kill}, {plan}")}");
            var reached = Reach(life, random);
            if (kill is null)
            {
                await reached;
                return life;
            }

            await Die(life, plan);
            sweep.Fleet.Remove(life);
            await reached;
            sweep.Toll.Killed(kill.Value, plan, life);
            life.Dispose();
        }
    }

    private async Task Die(Life life, Plan plan)
    {
        var late = Task.Delay(TimeSpan.FromSeconds(plan.Seconds));
        await Task.WhenAny(plan.Beats is { } beats ? Task.WhenAny(late, AfterReady(life, beats)) : late, life.Ended);
        life.Kill();
        await life.Ended;
    }

    // Counted from when it takes calls, so that it is what it did.
    private async Task AfterReady(Life life, int beats)
    {
        while (!life.IsReady && !life.Ended.IsCompleted)
        {
            await Task.WhenAny(sweep.Pulse.After(1), life.Ended);
        }

        await sweep.Pulse.After(beats);
    }

    /// <summary>A fresh process first says what it reads of a thread that clients know, and then takes calls.</summary>
    private async Task Reach(Life life, Random random)
    {
        try
        {
            await sweep.Toll.AskFresh(life, random);
            life.FindOwner();
            life.IsReady = true;
            sweep.Fleet.Add(life);
            if (life.Ended.IsCompleted)
            {
                sweep.Fleet.Remove(life);
            }
        }
        catch (GoneException)
        {
            // Killed before it answered, which is one of the moments.
            return;
        }
    }
}
