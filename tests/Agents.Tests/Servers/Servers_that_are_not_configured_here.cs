using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Servers;

/// <summary>Two processes on one database, of which only one has the server that a thread used.</summary>
public sealed class Servers_that_are_not_configured_here
{
    private readonly FarServer _far = new();
    private readonly FarServer _unknown = new() { IsConfigured = false, IsHeldElsewhere = true, IsSettled = true };

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task A_call_that_another_process_holds_is_left_to_it()
    {
        await using var bench = Bench();
        var log = await bench.Start("x");
        await using var other = Beside(bench);

        log = await other.Answer(log, response: "large");
        Told.Ends(log, "question: Which size?", "answered: \"large\"");
        Assert.Equal(ThreadStatus.Running, log.Thread.Status);

        Told.Ends(await bench.Recover(log.Thread.Id), "answered: \"large\"", "tool started: call_2, attempt 1", "tool returned: call_2 \"tea large\"",
            """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task What_moved_there_is_seen_by_a_process_that_has_it_whichever_looks_first()
    {
        await using var bench = Bench();
        var log = await bench.Start("x");
        await using var other = Beside(bench);
        _far.IsSettled = true;
        bench.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((0, 1), (await Look(other), await Look(bench)));

        Assert.Equal("\"tea as it was settled there\"", (await bench.Settle(log.Thread.Id)).Events.OfType<ToolReturned>().Single().Result.Text);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.6")]
    public async Task What_is_left_there_is_ended_by_a_process_that_has_it_whichever_looks_first()
    {
        await using var bench = Bench();
        var log = await bench.Start("x");
        await using var other = Beside(bench);
        await other.Host.Cancel(log.Thread.Id, AgentBench.Me, "enough");

        await Look(other);
        Assert.Empty(_far.Ended);
        await Look(bench);

        Assert.Empty(_unknown.Ended);
        Assert.Equal(["tea at tea"], _far.Ended);
    }

    private AgentBench Bench()
    {
        var bench = new AgentBench(FarServer.Clerk, new ScriptedModel("""{"intent":"far.book","item":"tea"}""", TestAgents.Done));
        bench.Host.Catalog.Servers = _far;
        return bench;
    }

    private AgentBench Beside(AgentBench bench)
    {
        var other = bench.Beside();
        other.Host.Catalog.Servers = _unknown;
        return other;
    }

    private static Task<int> Look(AgentBench bench) => bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken);
}
