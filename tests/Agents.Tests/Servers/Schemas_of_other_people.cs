using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Servers;

public sealed class Schemas_of_other_people
{
    [Theory]
    [InlineData("""{"$schema":"x","type":"object","properties":{"a":{"type":"string"}}}""", """{"type":"object","properties":{"a":{"type":"string"}}}""")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"number"}}}""", """{"properties":{"a":{"type":"number"}},"type":"object"}""")]
    // What refers to itself ends where it would begin again.
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"properties":{"b":{"$ref":"#/$defs/A"}}}}}""", """{"properties":{"a":{"properties":{"b":{}}}},"type":"object"}""")]
    // What is not checked here is left to the server.
    [InlineData("""{"type":"object","properties":{"a":{"description":"A.","if":{}}},"required":["a"]}""", """{"type":"object","properties":{"a":{"description":"A."}},"required":["a"]}""")]
    public void Become_ours_without_references_and_without_what_is_not_checked(string foreign, string ours) =>
        Assert.Equal(ours, ForeignSchema.Of(JsonText.Parse(foreign)).Schema?.Text);

    [Theory]
    [InlineData("""[]""", "its input schema is no JSON object")]
    [InlineData("""{"properties":{"intent":{}}}""", "it has an argument named intent, which cannot be told from the step's own")]
    public void That_cannot_be_used_say_why(string foreign, string problem) => Assert.Equal((null, problem), ForeignSchema.Of(JsonText.Parse(foreign)));

    [Fact]
    public void That_grow_without_end_are_refused()
    {
        var definitions = string.Join(",", Enumerable.Range(0, 40).Select(i => $$"""
            "D{{i}}":{"properties":{"a":{"$ref":"#/$defs/D{{i + 1}}"},"b":{"$ref":"#/$defs/D{{i + 1}}"} } }
            """));
        Assert.Equal((null, "its input schema is too large"), ForeignSchema.Of(JsonText.Parse("""{"$ref":"#/$defs/D0","$defs":{""" + definitions + "}}")));
    }

    [Fact]
    public void That_have_more_characters_than_a_schema_may_lose_what_is_not_their_arguments_or_are_refused()
    {
        var words = new string('x', 262_145);

        Assert.Equal("""{"type":"object","properties":{"a":{}}}""", ForeignSchema.Of(JsonText.Parse($$$$"""{"properties":{"a":{"type":"string","pattern":"{{{{words}}}}"}}}""")).Schema?.Text);
        Assert.Equal((null, "its input schema cannot be used: it has 262200 characters; a schema may have 262144"),
            ForeignSchema.Of(JsonText.Parse($$$$"""{"properties":{"a":{"description":"{{{{words}}}}"}}}""")));
    }
}
