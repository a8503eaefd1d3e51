using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Steps;

public sealed class An_example_of_a_step
{
    [Fact]
    public void Is_one_of_a_tool_with_what_must_be_there() => Assert.Equal("""{"intent":"add","a":1,"b":1}""", StepExample.Of(TestAgents.Calculator));

    [Theory]
    [InlineData("""{"type":"object","properties":{"s":{"type":"string","minLength":5},"n":{"type":"integer","minimum":10},"e":{"enum":["x","y"]},"o":{"type":"object","properties":{"in":{"type":"boolean"}},"required":["in"],"additionalProperties":false},"l":{"type":"array","items":{"type":"number","exclusiveMinimum":0},"minItems":2}},"required":["s","n","e","o","l"],"additionalProperties":false}""")]
    [InlineData("""{"type":"object","properties":{"a":{"anyOf":[{"type":"null"},{"type":"string"}]},"d":{"type":"string","format":"date-time"},"m":{"type":["integer","null"]}},"required":["a","d","m"]}""")]
    [InlineData("""{"type":"object","properties":{"free":{"type":"string"}}}""")]
    public void Fits_its_schema_whatever_that_asks_for(string arguments)
    {
        var intent = new Done("end", "Ends.", JsonText.Parse(arguments));
        var agent = TestAgents.Calculator with { Intents = [intent] };

        Assert.Null(JsonSchemas.Violation(StepSchema.Of(agent), JsonText.Parse(StepExample.Of(intent))));
    }

    [Fact]
    public void Fits_for_every_intent_of_the_agents_there_are()
    {
        foreach (var intent in TestAgents.Clerk([.. TestAgents.Calculator.Intents.OfType<Tool>()]).Intents.Where(intent => intent is not Ask { Name: "request_human_input" }))
        {
            Assert.Equal((intent.Name, null), (intent.Name, StepReader.Problem(TestAgents.Clerk() with { Intents = [intent] }, StepExample.Of(intent))));
        }
    }
}
