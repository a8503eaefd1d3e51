using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Agents.Tests.Durability;

public sealed class Stopping_and_taking_over
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ran;

    private Tool Held(Effect effect) => TestAgents.Tool("work", effect, async (_, cancellation) =>
    {
        Interlocked.Increment(ref _ran);
        _entered.TrySetResult();
        await _letGo.Task.WaitAsync(cancellation);
        return new ToolOutcome.Returned(JsonText.Of("worked"));
    });

    private static LogModel Model => LogModel.Of(TestAgents.Step("work", "a"), TestAgents.Done);

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_step_that_ends_within_the_grace_is_kept_and_the_next_is_not_begun()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Held(Effect.Effectful)), Model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.Task.WaitAsync(TestContext.Current.CancellationToken);

        var stopped = bench.Runner.Stop(TimeSpan.FromSeconds(5));
        _letGo.SetResult();
        await stopped;

        Told.Ends(bench.Store.Read(id), "tool started: call_2, attempt 1", "tool returned: call_2 \"worked\"");
        await using var next = await bench.Restart();
        Assert.Equal(ThreadStatus.Completed, (await next.Recover(id)).Thread.Status);
        Assert.Equal(1, _ran);
    }

    [Theory]
    [Trait("Accepts", "R.11")]
    [Trait("Accepts", "F8.7")]
    [InlineData(Effect.ReadOnly, "tool returned: call_2 \"worked\"", 2)]
    [InlineData(Effect.Effectful, "in_doubt: work was cut off and nobody knows whether it happened. What became of it?", 1)]
    public async Task A_step_that_does_not_is_cut_off_and_the_thread_goes_on_elsewhere(Effect effect, string then, int ran)
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Held(effect)), Model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.Task.WaitAsync(TestContext.Current.CancellationToken);

        var stopped = bench.Runner.Stop(TimeSpan.FromSeconds(5));
        await bench.Clock.Waited(TimeSpan.FromSeconds(5));
        bench.Clock.Advance(TimeSpan.FromSeconds(5));
        await stopped;

        Told.Ends(bench.Store.Read(id), """chosen: work {"item":"a"}""", "tool started: call_2, attempt 1");
        _letGo.SetResult();
        await using var next = await bench.Restart();
        Assert.Contains(then, Told.Of(await next.Recover(id)));
        Assert.Equal(ran, _ran);
    }

    [Theory]
    [Trait("Accepts", "F6.6")]
    [InlineData(Effect.ReadOnly, "tool failed: call_2 it was cancelled while it ran", "cancelled: no longer wanted")]
    [InlineData(Effect.Effectful, "cancelled: no longer wanted - work was running; whether it took effect is not known")]
    public async Task Cancelling_records_what_is_known_of_the_running_tool_and_then_nothing(Effect effect, params string[] then)
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Held(effect)), Model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.Task.WaitAsync(TestContext.Current.CancellationToken);

        await bench.Host.Cancel(id, AgentBench.Me, "no longer wanted");
        _letGo.SetResult();
        await bench.Settle(id);
        await bench.Runner.Recover();

        Told.Is(await bench.Settle(id), [
            """started: {"message":"x"}""",
            """chosen: work {"item":"a"}""",
            "tool started: call_2, attempt 1",
            .. then]);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_cancellation_that_is_cut_off_itself_leaves_what_it_cut_off_in_doubt()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Held(Effect.Effectful)), Model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.Task.WaitAsync(TestContext.Current.CancellationToken);
        using var disk = bench.Database.Connect();
        disk.Execute("CREATE TRIGGER disk_is_full BEFORE INSERT ON events WHEN NEW.data LIKE '%thread_cancelled%' BEGIN SELECT RAISE(ABORT, 'no room'); END");
        await Assert.ThrowsAnyAsync<Exception>(() => bench.Host.Cancel(id, AgentBench.Me, "no longer wanted"));
        disk.Execute("DROP TRIGGER disk_is_full");

        await using var next = bench.Crash();

        Told.Ends(await next.Recover(id), "tool started: call_2, attempt 1", "in_doubt: work was cut off and nobody knows whether it happened. What became of it?");
        Assert.Equal(1, _ran);
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task A_thread_whose_owner_is_gone_is_taken_over_and_the_old_run_appends_nothing()
    {
        var held = new HeldModel(TestAgents.Step("work", "late"));
        await using var first = new AgentBench(TestAgents.Clerk(Held(Effect.Effectful)), held);
        var id = await first.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await held.Asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        await using var second = first.Beside(new ScriptedModel(TestAgents.Done));
        Assert.Equal(0, await second.Runner.Recover());

        // The first process hangs: it renews nothing and its leases expire, and it wakes when the other has finished.
        first.Clock.Advance(State.Sqlite.Owner.Lifetime + TimeSpan.FromSeconds(1));
        Assert.Equal(1, await second.Runner.Recover());
        var whole = Told.Of(await second.Settle(id));
        held.LetGo.SetResult();
        await first.Settle(id);

        Assert.Equal(["""started: {"message":"x"}""", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}"""], whole);
        Assert.Equal(whole, Told.Of(second.Store.Read(id)));
        Assert.Equal(0, _ran);
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task A_thread_of_a_dead_process_is_picked_up_at_once()
    {
        var held = new HeldModel(TestAgents.Done);
        await using var first = new AgentBench(TestAgents.Clerk(), held);
        var id = await first.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await held.Asked.Task.WaitAsync(TestContext.Current.CancellationToken);

        await using var second = first.Crash(new ScriptedModel(TestAgents.Done));

        Assert.Equal(ThreadStatus.Completed, (await second.Recover(id)).Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task Whoever_picks_up_an_old_thread_keeps_it()
    {
        await using var first = new AgentBench(TestAgents.Clerk(Held(Effect.ReadOnly)), Model);
        var agent = Definition.Of(first.Agents[0]).Hash;
        var id = await first.Found([Logs.Started("""{"message":"x"}""") with { Agent = "clerk", Definition = agent }]);
        first.Clock.Advance(TimeSpan.FromDays(3));
        await using var second = first.Beside();

        Assert.Equal(1, await first.Runner.Recover());
        await _entered.Task.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await second.Runner.Recover());
        _letGo.SetResult();
        Assert.Equal(ThreadStatus.Completed, (await first.Settle(id)).Thread.Status);
        Assert.Equal(1, _ran);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_thread_that_could_not_be_stored_goes_on_once_it_can()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Held(Effect.ReadOnly)), Model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.Task.WaitAsync(TestContext.Current.CancellationToken);
        var run = bench.Settle(id);
        using var disk = bench.Database.Connect();
        disk.Execute("CREATE TRIGGER disk_is_full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no room'); END");
        _letGo.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => run);

        disk.Execute("DROP TRIGGER disk_is_full");
        bench.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(ThreadStatus.Completed, (await bench.Recover(id)).Thread.Status);
    }
}
