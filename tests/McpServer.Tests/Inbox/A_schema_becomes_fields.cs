using AgentMcp.Server.Inbox;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Tests.Inbox;

public sealed class A_schema_becomes_fields
{
    [Theory]
    [InlineData("""{"type":"string"}""", "Text")]
    [InlineData("""{"type":"string","maxLength":40}""", "Line")]
    [InlineData("""{"type":"string","format":"date"}""", "Date")]
    [InlineData("""{"type":"string","format":"date-time"}""", "Moment")]
    [InlineData("""{"type":["null","number"]}""", "Number")]
    [InlineData("""{"type":"integer"}""", "Integer")]
    [InlineData("""{"type":"boolean"}""", "YesNo")]
    [InlineData("""{"type":"string","enum":["a","b"]}""", "Choice")]
    [InlineData("""{"enum":[1,"b",null]}""", "Choice")]
    [InlineData("""{"type":"array","items":{"enum":["a","b"]}}""", "Several")]
    [InlineData("""{"type":"array","items":{"type":"object"}}""", "Json")]
    [InlineData("""{"type":"object"}""", "Json")]
    [InlineData("""{"anyOf":[{"type":"string"}]}""", "Json")]
    [InlineData("""{"$ref":"#/$defs/x","$defs":{"x":{"type":"string"}}}""", "Json")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"oneOf":[{"required":["a"]}]}""", "Json")]
    [InlineData("""{}""", "Json")]
    public void Each_schema_of_one_value_has_one_field(string schema, string type)
    {
        var field = Assert.Single(FormField.Of(JsonText.Parse(schema)));
        Assert.Equal(("", type, true), (field.Name, field.Type.ToString(), field.Required));
    }

    [Fact]
    public void An_object_has_a_field_for_each_property()
    {
        var fields = FormField.Of(JsonText.Parse("""{"type":"object","properties":{"due_date":{"type":"string","format":"date","description":"When?"},"b":{"title":"Really?","type":"boolean"},"c":true},"required":["b"]}"""));
        Assert.Equal([("due_date", "Due date", "When?", false, "Date"), ("b", "Really?", null, true, "YesNo"), ("c", "C", null, false, "Json")],
            fields.Select(field => (field.Name, field.Label, field.Help, field.Required, field.Type.ToString())));
    }

    [Theory]
    [InlineData("""{"type":"number"}""", "12.50", "12.50")]
    [InlineData("""{"type":"number"}""", "1,5", "This must be a number, such as 4 or 0.5.")]
    [InlineData("""{"type":"number"}""", "NaN", "This must be a number, such as 4 or 0.5.")]
    [InlineData("""{"type":"integer"}""", "-7", "-7")]
    [InlineData("""{"type":"integer"}""", "1.5", "This must be a whole number.")]
    [InlineData("""{"type":"integer"}""", "-", "This cannot be read as what is asked for.")]
    [InlineData("""{"type":"integer"}""", "007", "This cannot be read as what is asked for.")]
    [InlineData("""{"type":"boolean"}""", "false", "false")]
    [InlineData("""{"type":"string"}""", "a \"b\"\r\nc", "\"a \\\"b\\\"\\nc\"")]
    [InlineData("""{"type":"string"}""", "", "This is needed.")]
    [InlineData("""{"type":"string","format":"date-time"}""", "2026-05-04T10:00", "\"2026-05-04T10:00:00Z\"")]
    [InlineData("""{"enum":[1,"1"]}""", "\"1\"", "\"1\"")]
    [InlineData("""{"type":"object"}""", """{"a": 1}""", """{"a":1}""")]
    public void What_is_entered_is_read_as_what_is_asked_for(string schema, string entered, string expected)
    {
        var (value, problem) = FormField.Of(JsonText.Parse(schema))[0].Read([entered]);
        Assert.Equal(expected, problem ?? value?.Text);
    }
}
