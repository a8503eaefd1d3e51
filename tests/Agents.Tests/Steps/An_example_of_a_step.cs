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

    // Of tools of other servers, whose schemas may say anything.
    [Theory]
    [InlineData("""{"enum":[]}""", "{}")]
    [InlineData("""{"enum":["LONG"]}""", "{}")]
    [InlineData("""{"anyOf":[]}""", "{}")]
    [InlineData("""{"oneOf":[],"type":"string"}""", "\"...\"")]
    [InlineData("""{"oneOf":true,"type":"string"}""", "\"...\"")]
    [InlineData("""{"type":[]}""", "{}")]
    [InlineData("""{"type":[7,"string"]}""", "{}")]
    [InlineData("""{"type":7}""", "{}")]
    [InlineData("""{"type":"object","required":[7,null,"a"],"properties":[]}""", """{"a":"..."}""")]
    [InlineData("""{"type":"string","minLength":"1","format":7}""", "\"...\"")]
    [InlineData("""{"type":"string","minLength":1.5}""", "\"...\"")]
    [InlineData("""{"type":"string","minLength":2000000000}""", "\"....................\"")]
    [InlineData("""{"type":"string","minLength":99999999999999999999}""", "\"....................\"")]
    [InlineData("""{"type":"integer","minimum":"1"}""", "1")]
    [InlineData("""{"type":"number","minimum":1e999}""", "1")]
    [InlineData("""{"type":"array","minItems":"2","items":{}}""", "[]")]
    [InlineData("""{"type":"array","minItems":-1,"items":{}}""", "[]")]
    [InlineData("""{"type":"array","minItems":2000000000,"items":{"type":"integer"}}""", "[1,1,1]")]
    [InlineData("""{"type":"array","minItems":2,"items":false}""", "[{},{}]")]
    public void Is_made_of_any_schema_and_is_never_large(string schema, string value)
    {
        schema = schema.Replace("LONG", new string('x', 100_000), StringComparison.Ordinal);
        var nested = JsonText.Parse($$"""{"type":"object","properties":{"a":{{schema}}},"required":["a"]}""");

        Assert.Equal($$"""{"intent":"end","a":{{value}}}""", StepExample.Of(new Done("end", "Ends.", nested)));
        Assert.StartsWith("""{"intent":"end""", StepExample.Of(new Done("end", "Ends.", JsonText.Parse(schema))), StringComparison.Ordinal);
    }

    [Fact]
    public void Has_an_end_however_much_there_must_be_in_it()
    {
        var schema = Enumerable.Range(0, 8).Aggregate("""{"type":"integer"}""", (inner, _) => $$"""{"type":"array","minItems":1000,"items":{{inner}}}""");
        var wide = string.Join(",", Enumerable.Range(0, 10_000).Select(i => $"\"m{i}\""));

        Assert.InRange(StepExample.Of(new Done("end", "Ends.", JsonText.Parse($$"""{"type":"object","properties":{"a":{{schema}}},"required":["a"]}"""))).Length, 1, 5_000);
        Assert.InRange(StepExample.Of(new Done("end", "Ends.", JsonText.Parse($$"""{"type":"object","required":[{{wide}}]}"""))).Length, 1, 5_000);
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
