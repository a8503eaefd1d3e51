using AgentMcp.State.Json;

namespace AgentMcp.State.Tests.Json;

public class JsonSchemasTests
{
    private const string Form = """
        {"type":"object","properties":{"a":{"type":"string","minLength":2,"maxLength":3},"n":{"type":"integer","minimum":0}},"required":["a"],"additionalProperties":false}
        """;

    [Theory]
    [InlineData(Form, """{"a":"xy","n":1}""", null)]
    [InlineData(Form, "{}", "'a' is required")]
    [InlineData(Form, """{"a":"x"}""", "'a': string too short")]
    [InlineData(Form, """{"a":"xxxx"}""", "'a': string too long")]
    [InlineData(Form, """{"a":"xy","b":1}""", "'b' is not a known property")]
    [InlineData(Form, """{"a":1,"n":-1}""", "'a': string expected; 'n': number too small")]
    [InlineData(Form, "[]", "'value': object expected; 'a' is required")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"integer"}}}}}""", """{"a":{"b":"x"}}""", "'a.b': integer expected")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", """[1,"a"]""", "'[1]': integer expected")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """{"a":"x"}""", "'a': integer expected")]
    [InlineData("""{"allOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1}""", "'b' is required")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"object","required":["a"]}]}""", "{}", "'value' fits no alternative ('value': string expected; or 'a' is required)")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"object","required":["a"]}]}""", "\"a\"", null)]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"object","required":["a"]}]}""", "{}", "'value' fits no alternative ('value': string expected; or 'a' is required)")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "1", "'value' fits more than one alternative where exactly one is allowed")]
    [InlineData("""{"type":"string","enum":["a","b"]}""", "\"c\"", "'value' must be one of \"a\", \"b\"")]
    [InlineData("""{"type":"string"}""", "\"2026-03-01T09:00:00Z\"", null)]
    [Trait("Accepts", "A2H.8")]
    public void A_miss_is_told_by_place_and_in_words(string schema, string value, string? miss) =>
        Assert.Equal(miss, JsonSchemas.Violation(JsonText.Parse(schema), JsonText.Parse(value)));

    [Theory]
    [InlineData("""{"const":"a"}""", "\"a\"", null)]
    [InlineData("""{"const":"a"}""", "\"b\"", "'value' must be one of \"a\"")]
    [InlineData("""{"const":null}""", "1", "'value' must be one of null")]
    [InlineData("""{"const":{"a":1}}""", """{"a":2}""", """'value' must be one of {"a":1}""")]
    [InlineData("""{"const":"a","enum":["a","b"]}""", "\"b\"", "'value' must be one of \"a\"")]
    [InlineData("""{"properties":{"a":true,"b":false}}""", """{"a":1}""", null)]
    [InlineData("""{"properties":{"a":true,"b":false}}""", """{"b":1}""", "'b': excluded schema validates")]
    [InlineData("""{"$defs":{"n":{"required":["v"],"properties":{"next":{"$ref":"#/$defs/n"}}}},"properties":{"a":{"$ref":"#/$defs/n"}}}""", """{"a":{"v":1,"next":{}}}""", "'a.next.v' is required")]
    public void What_the_library_does_not_know_is_said_in_words_it_knows(string schema, string value, string? miss)
    {
        Assert.Null(JsonSchemas.Problem(JsonText.Parse(schema)));
        Assert.Equal(miss, JsonSchemas.Violation(JsonText.Parse(schema), JsonText.Parse(value)));
    }

    [Theory]
    [InlineData("""{"properties":{"if":{"type":"string"},"const":{"type":"string"},"type":{"type":"string"},"$ref":{"type":"string"}}}""", """{"if":"a","const":"b","type":"c","$ref":"d"}""")]
    [InlineData("""{"properties":{"a":{"default":{"const":1,"if":2,"type":"x"}}}}""", """{"a":1}""")]
    [InlineData("""{"enum":[{"const":1}]}""", """{"const":1}""")]
    public void Names_of_properties_and_plain_values_are_no_keywords(string schema, string value)
    {
        Assert.Null(JsonSchemas.Problem(JsonText.Parse(schema)));
        Assert.Null(JsonSchemas.Violation(JsonText.Parse(schema), JsonText.Parse(value)));
    }

    [Theory]
    [InlineData("[]", "a schema must be a JSON object")]
    [InlineData("""{"if":{},"then":{}}""", "the keyword 'if' is not supported")]
    [InlineData("""{"contains":{}}""", "the keyword 'contains' is not supported")]
    [InlineData("""{"type":"array","prefixItems":[]}""", "the keyword 'prefixItems' is not supported")]
    [InlineData("""{"properties":{"a":{"dependentRequired":{}}}}""", "the keyword 'dependentRequired' is not supported")]
    [InlineData("""{"anyOf":[{"unevaluatedProperties":false}]}""", "the keyword 'unevaluatedProperties' is not supported")]
    [InlineData("""{"items":{"propertyNames":{}}}""", "the keyword 'propertyNames' is not supported")]
    [InlineData("""{"oneOf":{"a":1}}""", "'oneOf.a' is not of the type that JSON Schema asks for there")]
    [InlineData("""{"type":"text"}""", "\"text\" is not a type; known are object, array, string, number, integer, boolean, null")]
    [InlineData("""{"properties":{"a":{"$ref":"http://127.0.0.1:9/x"}}}""", "$ref 'http://127.0.0.1:9/x' is not local; only references that start with # are followed")]
    [InlineData("""{"properties":{"a":{"$ref":"#/nowhere"}}}""", "Could not resolve the path '#/nowhere'.")]
    [InlineData("""{"properties":{"a":{"pattern":"("}}}""", "the pattern '(' is not a regular expression: Invalid pattern '(' at offset 1. Not enough )'s.")]
    public void A_schema_that_would_not_be_checked_as_written_is_refused(string schema, string problem) =>
        Assert.Equal(problem, JsonSchemas.Problem(JsonText.Parse(schema)));

    [Theory]
    [InlineData(262_144, null)]
    [InlineData(262_145, "it has 262145 characters; a schema may have 262144")]
    public void A_schema_over_the_limit_is_refused_with_its_size(int size, string? problem)
    {
        const string Empty = """{"description":""}""";

        Assert.Equal(problem, JsonSchemas.Problem(JsonText.Parse(Empty.Insert(Empty.Length - 2, new string('x', size - Empty.Length)))));
    }

    [Fact]
    public void A_pattern_that_takes_too_long_is_a_miss_and_holds_nobody() =>
        Assert.Equal("a pattern of the schema took too long to match this value",
            JsonSchemas.Violation(JsonText.Parse("""{"type":"string","pattern":"^(a+)+$"}"""), JsonText.Of(new string('a', 40) + "!")));

    [Fact]
    public void A_number_too_large_to_check_is_a_miss() =>
        Assert.Equal("a number is too large to be checked; whole numbers must fit into 64 bits",
            JsonSchemas.Violation(JsonText.Parse("""{"type":"integer","maximum":10}"""), JsonText.Parse("99999999999999999999999")));

    [Fact]
    public void A_value_nested_too_deep_is_a_miss() =>
        Assert.StartsWith("the value cannot be checked: ", JsonSchemas.Violation(JsonText.Parse("{}"),
            JsonText.Write(w => w.WriteRawValue(new string('[', 70) + new string(']', 70), skipInputValidation: true))), StringComparison.Ordinal);

    [Fact]
    public void One_schema_may_be_used_by_many_at_once() =>
        Assert.True(ParallelEnumerable.Range(0, 500).WithDegreeOfParallelism(8).All(i =>
            JsonSchemas.Violation(JsonText.Parse($$"""{"type":"integer","maximum":{{i % 5}}}"""), JsonText.Parse("9")) == "'value': number too big"));
}
