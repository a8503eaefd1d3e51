using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Threads;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>One branch works while another has reached a limit, and whoever is asked says no.</summary>
public sealed class A_no_at_a_limit
{
    private const string Ended = "failed: Stopped at a limit: flow has taken 2 steps and is not done. May it take 2 more? mia declined to extend it. - pay was running; whether it took effect is not known";

    private readonly Shop _shop = new();
    private readonly TaskCompletionSource _working = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Microagent Flow => Beside(run => run.Step("pay", Effect.Effectful, async (_, _) =>
    {
        await _working.Task;
        return "paid";
    }));

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

    [Fact]
    [Trait("Accepts", "F9.3")]
    [Trait("Accepts", "F6.7")]
    public async Task That_comes_second_ends_nothing_and_what_it_cut_off_is_no_failure()
    {
        await using var bench = new AgentBench([Beside(run => run.Step("look", Effect.ReadOnly, async (call, _) =>
        {
            // It does not listen to being cut off.
            await (call.Attempt == 1 ? _working.Task : Task.CompletedTask);
            return "seen";
        }))], Shop.Plays);
        var id = await Held(bench);
        var (request, cancellation) = (bench.Store.Read(id).Thread.OpenRequests[0].Id, TestContext.Current.CancellationToken);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var said = new ManualResetEventSlim();
        bench.Store.Stored += (log, added) =>
        {
            // The run that was cut off has given the thread back, and the no still waits for its end.
            if (log.Last(added) is not [.., RequestOpened] && left.TrySetResult())
            {
                said.Wait(cancellation);
            }
        };

        var no = Task.Run(() => bench.Host.Answer(id, AgentBench.Me, request, approved: false, null, null), cancellation);
        await left.Task;
        await bench.Host.Answer(id, AgentBench.Me, request, approved: true, null, null);
        said.Set();

        Assert.Equal(RefusalCode.AlreadyAnswered, (await Assert.ThrowsAsync<RefusedException>(() => no)).Code);
        var log = await bench.Settle(id);
        Assert.Equal(["tool started: call_2, attempt 1", "tool started: call_2, attempt 2", "tool returned: call_2 \"seen\""],
            Told.Of(log).Where(line => line.Contains("call_2", StringComparison.Ordinal)));
        Assert.Equal("completed: \"seen, print donesign done\"", Told.Of(log)[^1]);
        _working.SetResult();
    }

    // Beside what is given, the second step of the other branch is one too many.
    private Microagent Beside(Func<Run, Task<string>> works) => Shop.Flow(async (run, _) => string.Join(", ", await run.All(
        () => works(run),
        async () => await _shop.Step(run, "print") + await _shop.Step(run, "sign")))) with
    { Limits = new(Steps: 2) };

    private static async Task<ThreadId> Held(AgentBench bench)
    {
        var id = await bench.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        await bench.Until(id, log => log.Thread.OpenRequests.Count > 0);
        return id;
    }
}
