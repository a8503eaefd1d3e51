using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Files;

public sealed class Schemas_in_short
{
    [Theory]
    [Trait("Accepts", "F2.3")]
    [InlineData("{ branch: string, dry_run?: boolean }",
        """{"type":"object","properties":{"branch":{"type":"string"},"dry_run":{"type":"boolean"}},"required":["branch"],"additionalProperties":false}""")]
    [InlineData("{ count: integer, price?: number }",
        """{"type":"object","properties":{"count":{"type":"integer"},"price":{"type":"number"}},"required":["count"],"additionalProperties":false}""")]
    [InlineData("{ tags: [string], sizes?: [[integer]] }",
        """{"type":"object","properties":{"tags":{"type":"array","items":{"type":"string"}},"sizes":{"type":"array","items":{"type":"array","items":{"type":"integer"}}}},"required":["tags"],"additionalProperties":false}""")]
    [InlineData("{ stage: staging | production }",
        """{"type":"object","properties":{"stage":{"type":"string","enum":["staging","production"]}},"required":["stage"],"additionalProperties":false}""")]
    [InlineData("{ who: { name: string, mail?: string }, lines: [{ sku: string }] }",
        """{"type":"object","properties":{"who":{"type":"object","properties":{"name":{"type":"string"},"mail":{"type":"string"}},"required":["name"],"additionalProperties":false},"lines":{"type":"array","items":{"type":"object","properties":{"sku":{"type":"string"}},"required":["sku"],"additionalProperties":false}}},"required":["who","lines"],"additionalProperties":false}""")]
    [InlineData("{ type: string (what kind it is), mode?: a | b (how) }",
        """{"type":"object","properties":{"type":{"type":"string","description":"what kind it is"},"mode":{"type":"string","enum":["a","b"],"description":"how"}},"required":["type"],"additionalProperties":false}""")]
    [InlineData("{}", """{"type":"object","properties":{},"additionalProperties":false}""")]
    public void Say_what_a_json_schema_says_at_length(string shortly, string schema)
    {
        var agent = AgentFile.Parse("a.agent.md", $"---\nname: a\ndescription: d\ninput: {shortly}\noutput: {shortly}\n---\nx", new Dictionary<string, Tool>());

        Assert.Equal((schema, schema), (agent.Input.Text, agent.Output.Text));
        Assert.Null(JsonSchemas.Problem(agent.Input));
        Assert.Equal(schema, Assert.IsType<Done>(Assert.Single(agent.Intents)).Arguments.Text);
    }

    [Theory]
    [Trait("Accepts", "F2.3")]
    [InlineData("  branch: sting", 5, "unknown type 'sting'; did you mean 'string'?")]
    [InlineData("  branch: string\n  who:\n    age: int", 7, "unknown type 'int'; there are string, number, integer, boolean, lists such as [string], choices such as a | b, and objects as their fields; a JSON Schema says type: object")]
    [InlineData("  mode: a | integer", 5, "'integer' is a type and cannot be a choice; write a JSON Schema, with type: object, for alternative types")]
    [InlineData("  mode: a |", 5, "'a |' lacks a choice")]
    [InlineData("  tags: []", 5, "a list has the type of its items, and one only, such as [string]")]
    [InlineData("  $ref: '#/definitions/x'", 5, "'$ref' is no name of a field; a JSON Schema says type: object")]
    public void That_make_no_sense_are_refused_with_their_own_line(string shortly, int line, string reason) =>
        Assert.Equal($"a.agent.md:{line}: input: {reason}", Assert.Throws<AgentFileException>(() =>
            AgentFile.Parse("a.agent.md", $"---\nname: a\ndescription: d\ninput:\n{shortly}\n---\nx", new Dictionary<string, Tool>())).Message);

    [Theory]
    [InlineData("{ text: string (@) }", 262_268)]
    [InlineData("{ type: object, description: '@' }", 262_179)]
    public void That_are_too_large_are_refused_however_they_are_written(string schema, int size) =>
        Assert.Equal($"a.agent.md:4: input is no usable JSON Schema: it has {size} characters; a schema may have 262144", Assert.Throws<AgentFileException>(() =>
            AgentFile.Parse("a.agent.md", $"---\nname: a\ndescription: d\ninput: {schema.Replace("@", new string('x', 262_145), StringComparison.Ordinal)}\n---\nx", new Dictionary<string, Tool>())).Message);
}
