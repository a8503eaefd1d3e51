using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Steps;

public sealed class Agents_take_their_own_intents_only
{
    [Fact]
    [Trait("Accepts", "F10.2")]
    public void Another_agents_intent_is_unknown() =>
        Assert.Equal("There is no intent 'pay'. Choose one of add, subtract, multiply, divide, request_more_information, done_for_now.",
            StepReader.Problem(TestAgents.Calculator, TestAgents.Step("pay", "book")));

    [Fact]
    [Trait("Accepts", "R.13")]
    [Trait("Accepts", "F10.3")]
    public async Task An_unknown_agent_is_answered_with_those_there_are()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel());

        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Start("abacus", AgentBench.Message("x"), AgentBench.Me));

        Assert.Equal((RefusalCode.AgentNotFound, "There is no agent 'abacus'. The agents are calculator."), (refused.Code, refused.Message));
        Assert.Equal("Does arithmetic one operation at a time, and asks before it divides.", TestAgents.Calculator.Description);
    }

    [Fact]
    public async Task An_input_that_does_not_fit_creates_no_thread()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel());

        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Start("calculator", JsonText.Parse("""{"text":"x"}"""), AgentBench.Me));

        Assert.Equal(
            """The input does not fit calculator: 'message' is required; 'text' is not a known property. It must match this JSON Schema: {"type":"object","properties":{"message":{"type":"string","minLength":1}},"required":["message"],"additionalProperties":false}""",
            refused.Message);
        Assert.Empty(bench.Host.List(new AgentMcp.State.Sqlite.ThreadFilter("mia")).Rows);
    }
}
