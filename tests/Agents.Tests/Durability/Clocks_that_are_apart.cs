using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>Two machines on one file whose clocks differ by an hour. A lease may end too early or too late by that; nothing runs twice unasked.</summary>
public sealed class Clocks_that_are_apart
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ran;

    private Tool Work(Effect effect) => TestAgents.Tool("work", effect, async (_, cancellation) =>
    {
        Interlocked.Increment(ref _ran);
        _entered.TrySetResult();
        await _letGo.Task.WaitAsync(cancellation);
        return new ToolOutcome.Returned(JsonText.Of("worked"));
    });

    private static LogModel Model => LogModel.Of(TestAgents.Step("work", "a"), TestAgents.Done);

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task A_lease_that_is_taken_too_early_leaves_a_doubt_and_the_old_run_appends_nothing()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Work(Effect.Effectful)), Model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.Task.WaitAsync(TestContext.Current.CancellationToken);
        await using var ahead = bench.Beside(clock: new(bench.Clock.GetUtcNow().AddHours(1)));

        Assert.Equal(1, await ahead.Runner.Recover());
        var asked = await ahead.Settle(id);
        _letGo.SetResult();
        await bench.Settle(id);

        Assert.Equal(RequestKind.InDoubt, asked.Thread.OpenRequests[0].Asked.Kind);
        Assert.Equal(Told.Stored(asked), Told.Stored(bench.Store.Read(id)));
        var done = await ahead.AnswerJson(asked, null, JsonText.Parse("""{"outcome":"done","result":"a person looked"}"""));
        Assert.Equal((ThreadStatus.Completed, 1), (done.Thread.Status, _ran));
    }

    [Fact]
    public async Task A_clock_that_is_behind_leaves_a_living_run_alone_and_takes_over_a_dead_one_at_once()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Work(Effect.Idempotent)), Model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.Task.WaitAsync(TestContext.Current.CancellationToken);
        await using var behind = bench.Beside(clock: new(bench.Clock.GetUtcNow().AddHours(-1)));
        Assert.Equal(0, await behind.Runner.Recover());

        bench.Crash();
        _letGo.SetResult();

        Assert.Equal(ThreadStatus.Completed, (await behind.Recover(id)).Thread.Status);
        Assert.Equal(2, _ran);
    }
}
