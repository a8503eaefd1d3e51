using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

public sealed class Deep_values
{
    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(64)]
    public async Task An_answer_as_deep_as_JSON_may_be_bricks_nothing(int depth)
    {
        var deep = JsonText.Parse(new string('[', depth) + new string(']', depth));
        var model = new ScriptedModel("""{"intent":"request_more_information","message":"Which?"}""", TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Calculator, model);

        var log = await bench.AnswerJson(await bench.Start("x"), null, deep);

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal(deep, ((RequestAnswered)log.Events[3]).Response);
    }
}
