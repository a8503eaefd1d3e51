using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>One branch works while another has reached a limit, and whoever is asked says no.</summary>
public sealed class A_no_at_a_limit
{
    private const string Ended = "failed: Stopped at a limit: flow has taken 2 steps and is not done. May it take 2 more? mia declined to extend it. - pay was running; whether it took effect is not known";

    private readonly Shop _shop = new();
    private readonly TaskCompletionSource _working = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Microagent Flow => Shop.Flow(async (run, _) => string.Join(", ", await run.All(
        () => run.Step("pay", Effect.Effectful, async (_, _) =>
        {
            await _working.Task;
            return "paid";
        }),
        async () => await _shop.Step(run, "print") + await _shop.Step(run, "sign")))) with
    { Limits = new(Steps: 2) };

    [Fact]
    [Trait("Accepts", "F9.3")]
    public async Task Ends_all_of_it_and_says_of_what_ran_beside_it_that_nobody_knows()
    {
        await using var bench = new AgentBench([Flow], Shop.Plays);
        var id = await Held(bench);

        await bench.Host.Answer(id, AgentBench.Me, null, approved: false, null, null);
        _working.SetResult();

        Told.Ends(await bench.Settle(id), "answered: no", Ended);
        Assert.Equal((false, 0), (bench.Runner.IsLeft(id), bench.Errors.Lines.Count));
    }

    [Fact]
    [Trait("Accepts", "F9.3")]
    [Trait("Accepts", "R.11")]
    public async Task From_another_process_is_no_error_of_the_one_that_runs_it()
    {
        await using var bench = new AgentBench([Flow], Shop.Plays);
        var id = await Held(bench);
        await using var other = bench.Beside();

        await other.Host.Answer(id, AgentBench.Me, null, approved: false, null, null);
        while (bench.Store.Known(id)?.Thread.IsFinal != true)
        {
            bench.Clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }

        _working.SetResult();

        Told.Ends(await bench.Settle(id), "answered: no", Ended);
        Assert.Equal((false, 0), (bench.Runner.IsLeft(id), bench.Errors.Lines.Count));
    }

    private static async Task<ThreadId> Held(AgentBench bench)
    {
        var id = await bench.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        await bench.Until(id, log => log.Thread.OpenRequests.Count > 0);
        return id;
    }
}
