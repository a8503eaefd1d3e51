using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Workflows;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>What was done is known also where the log was full by then; else whoever starts anew does it again.</summary>
public sealed class Logs_that_are_full
{
    private const string Full = "failed: The thread has reached 3 events. Start a new one. (Setting max_thread_events)";
    private static readonly LogBounds Three = new(Events: 3);
    private readonly Outside _outside = new();

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(20)]
    // What is asked at a limit is stored with the result, and finds no room.
    [InlineData(1)]
    public async Task Keep_what_the_last_call_that_found_room_came_to(int steps)
    {
        await using var bench = new AgentBench(_outside.Clerk with { Limits = new(Steps: steps) },
            LogModel.Of(TestAgents.Step("pay", "book"), TestAgents.Step("pay", "lamp"), TestAgents.Done), bounds: Three);

        Told.Is(await bench.Start("x"),
            """started: {"message":"x"}""", """chosen: pay {"item":"book"}""", "tool started: call_2, attempt 1", """tool returned: call_2 {"did":"pay book"}""", Full);
        Assert.Equal(["pay book call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Keep_what_a_step_of_a_workflow_came_to()
    {
        var shop = new Shop();
        var flow = Shop.Flow(async (run, _) => await shop.Step(run, "pay", Effect.Effectful) + await shop.Step(run, "tell", Effect.Effectful));
        await using var bench = new AgentBench(flow, Shop.Plays, bounds: Three);

        Told.Is(await bench.Start("x"),
            """started: {"message":"x"}""", "chosen: pay {}", "tool started: call_2, attempt 1", "tool returned: call_2 \"pay done\"", Full);
        Assert.Equal(["pay call_2"], shop.Done);
    }

    [Theory]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "R.11")]
    [InlineData(3)]
    // The bound was lowered since.
    [InlineData(2)]
    public async Task Ask_what_became_of_a_call_that_a_crash_cut_off(int events)
    {
        await using var bench = new AgentBench(_outside.Clerk, LogModel.Of(TestAgents.Step("pay", "book"), TestAgents.Done), bounds: new(events));
        var id = await Cut(bench, null, "pay", """{"item":"book"}""");

        var log = await bench.Recover(id);

        Told.Ends(log, "tool started: call_2, attempt 1", "in_doubt: pay was cut off and nobody knows whether it happened. What became of it?");
        Assert.Equal(ThreadStatus.Pending, log.Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "R.11")]
    public async Task Ask_what_became_of_a_step_of_a_workflow_that_a_crash_cut_off()
    {
        var shop = new Shop();
        await using var bench = new AgentBench(Shop.Flow((run, _) => shop.Step(run, "pay", Effect.Effectful)), Shop.Plays, bounds: Three);

        var log = await bench.Recover(await Cut(bench, "1", "pay", "{}"));

        Told.Ends(log, "tool started: call_2, attempt 1", "in_doubt: pay was cut off and nobody knows whether it happened. What became of it?", "parked");
        Assert.Equal(ThreadStatus.Pending, log.Thread.Status);
    }

    // Stored before this process looked: the copy of a log is measured too.
    private static async Task<ThreadId> Cut(AgentBench bench, string? workflow, string intent, string arguments)
    {
        await using var before = bench.Beside();
        return await before.Found([
            Logs.Started("""{"message":"x"}""") with { Agent = bench.Agents[0].Name, Definition = Definition.Of(bench.Agents[0]).Hash, Workflow = workflow },
            Logs.Chose(intent, arguments), Logs.Began(2)]);
    }
}
