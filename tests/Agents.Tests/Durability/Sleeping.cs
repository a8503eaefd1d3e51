using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

public sealed class Sleeping
{
    private static readonly LogModel Model = LogModel.Of("""{"intent":"await","seconds":90.5,"reasoning":"the build takes a minute"}""", TestAgents.Done);

    [Fact]
    [Trait("Accepts", "F8.6")]
    public async Task Survives_a_restart_and_fires_once()
    {
        await using var first = new AgentBench(TestAgents.Clerk(), Model);
        var log = await first.Start("x");
        Assert.Equal("sleep: Waits for 90.5 s.", Told.Asked(log));
        Assert.Equal(first.Clock.GetUtcNow().AddSeconds(90.5), log.Thread.OpenRequests[0].Asked.DueAt);

        await using var bench = await first.Restart();
        await using var other = bench.Beside();
        bench.Clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(0, await bench.Runner.Recover());
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        var moved = await Task.WhenAll(Task.Run(() => bench.Runner.Recover()), Task.Run(() => other.Runner.Recover()));
        await other.Settle(log.Thread.Id);

        Assert.Equal(1, moved.Sum());
        Told.Is(await bench.Settle(log.Thread.Id),
            """started: {"message":"x"}""",
            """chosen: await {"seconds":90.5,"reasoning":"the build takes a minute"}""",
            "sleep: Waits for 90.5 s.",
            "sleep ended",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.Equal(0, await bench.Runner.Recover());
    }

    [Fact]
    [Trait("Accepts", "F8.6")]
    public async Task Ends_early_when_a_person_says_so()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), Model);

        var log = await bench.Answer(await bench.Start("x"), response: "it is built");

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        bench.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await bench.Runner.Recover());
    }
}
