using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Steps;

public sealed class What_is_done_fits_the_output
{
    private static readonly JsonText Version = JsonText.Parse(
        """{"type":"object","properties":{"version":{"type":"string","pattern":"^v[0-9]+$"}},"required":["version"],"additionalProperties":false}""");

    [Fact]
    [Trait("Accepts", "F1.3")]
    public async Task A_bad_end_is_a_rejected_step()
    {
        var agent = TestAgents.Clerk() with { Output = Version, Intents = [StandardIntents.DoneForNow(Version)] };
        var model = new ScriptedModel("""{"intent":"done_for_now","version":"1"}""", """{"intent":"done_for_now","version":"v1"}""");
        await using var bench = new AgentBench(agent, model);

        var log = await bench.Start("which version?");

        Told.Is(log,
            """started: {"message":"which version?"}""",
            "rejected: done_for_now: 'version': pattern mismatch.",
            """chosen: done_for_now {"version":"v1"}""",
            """completed: {"version":"v1"}""");
    }

    [Fact]
    public async Task Every_way_to_end_is_held_to_the_output_of_the_agent()
    {
        var agent = TestAgents.Clerk() with { Output = Version, Intents = [StandardIntents.DoneForNow(Version), StandardIntents.NothingToDo] };
        var model = new ScriptedModel("""{"intent":"nothing_to_do","message":"all is well"}""", """{"intent":"done_for_now","version":"v1"}""");
        await using var bench = new AgentBench(agent, model);

        var log = await bench.Start("which version?");

        Assert.Contains("rejected: nothing_to_do: 'version' is required; 'message' is not a known property.", Told.Of(log));
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
    }
}
