using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>Tools that do not come back from the call itself: there is nothing to await, and nothing to cut off.</summary>
public sealed class Tools_that_block : IDisposable
{
    private readonly ManualResetEventSlim _letGo = new();
    private readonly SemaphoreSlim _entered = new(0);
    private int _ran;

    private Tool Blocking(Effect effect) => TestAgents.Tool("look", effect, _ =>
    {
        Interlocked.Increment(ref _ran);
        _entered.Release();
        _letGo.Wait();
        return "1";
    });

    private static LogModel Model => LogModel.Of(TestAgents.Step("look", "tea"), TestAgents.Done);

    public void Dispose()
    {
        _letGo.Set();
        _letGo.Dispose();
        _entered.Dispose();
    }

    [Theory]
    [InlineData(Effect.ReadOnly, "tool failed: call_2 it did not end within 60 s")]
    [InlineData(Effect.Idempotent, "tool failed: call_2 it did not end within 60 s")]
    [InlineData(Effect.Effectful, "in_doubt: look was cut off and nobody knows whether it happened. What became of it?")]
    public async Task Are_given_no_longer_than_any_other(Effect effect, string told)
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Blocking(effect)), Model);
        var id = await Entered(bench);
        await bench.Clock.Waited(TimeSpan.FromSeconds(60)).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        bench.Clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Contains(told, Told.Of(await bench.Settle(id)));
        _letGo.Set();
    }

    [Fact]
    public async Task Take_no_longer_to_ask_leave_for()
    {
        var tool = TestAgents.Tool("look", Effect.Effectful, _ => "1").Gated() with
        {
            Preview = (_, _) =>
            {
                _entered.Release();
                _letGo.Wait(TestContext.Current.CancellationToken);
                throw new InvalidOperationException();
            },
        };
        await using var bench = new AgentBench(TestAgents.Clerk(tool), Model);
        var id = await Entered(bench);
        await bench.Clock.Waited(TimeSpan.FromSeconds(60)).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        bench.Clock.Advance(TimeSpan.FromSeconds(60));

        Assert.StartsWith("tool failed: call_2 ", Told.Of(await bench.Settle(id))[2], StringComparison.Ordinal);
        _letGo.Set();
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Keep_no_place_once_their_thread_is_cancelled()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Blocking(Effect.Effectful)), Model);
        var id = await Entered(bench);

        await bench.Host.Cancel(id, AgentBench.Me, "no longer wanted").WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Told.Ends(await bench.Settle(id), "cancelled: no longer wanted - look was running; whether it took effect is not known");
        Assert.Equal(0, bench.Runner.Count);
        _letGo.Set();
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task And_read_and_are_the_end_of_their_process_are_not_the_end_of_every_one_after_it()
    {
        var bench = new AgentBench(TestAgents.Clerk(Blocking(Effect.ReadOnly)), Model);
        var id = await Entered(bench);
        for (var start = 1; start <= 3; start++)
        {
            bench = bench.Crash();
            await bench.Runner.Recover();
            await _entered.WaitAsync(TestContext.Current.CancellationToken);
        }

        await using var last = bench.Crash();
        await last.Runner.Recover();
        await Task.WhenAny(last.Settle(id), _entered.WaitAsync(TestContext.Current.CancellationToken));

        Assert.Equal(4, _ran);
        Told.Is(await last.Settle(id),
            """started: {"message":"x"}""", """chosen: look {"item":"tea"}""", "tool started: call_2, attempt 1", "tool started: call_2, attempt 2", "tool started: call_2, attempt 3",
            "tool failed: call_2 look was cut off 3 times and is not tried again.", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
        _letGo.Set();
    }

    private async Task<ThreadId> Entered(AgentBench bench)
    {
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.WaitAsync(TestContext.Current.CancellationToken);
        return id;
    }
}
