using AgentMcp.State.Json;

namespace AgentMcp.State.Tests.Json;

/// <summary>What is said to fit without asking the library is what the library says too.</summary>
public class PlainSchemaTests
{
    private static readonly string[] Scalars = ["\"\"", "\"a\"", "\"blue\"", "\"😀\"", "0", "-7", "3.0", "3.5", "1e3", "12345678901234567890", "true", "null", "[]", "{}", "\"2026-11-25T10:00:00Z\""];

    private static readonly string[] Types = ["string", "number", "integer", "boolean", "null", "object", "array"];

    [Fact]
    public void Whatever_is_said_to_fit_fits()
    {
        var random = new Random(20261125);
        var fits = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var schema = JsonText.Parse(Schema(random, 3));
            var value = JsonText.Parse(Value(random, 3));
            if (PlainSchema.Fits(schema.Element(), value.Text, out _))
            {
                fits++;
                var judged = SchemaLibrary.Violation(schema, value);
                Assert.True(judged is null, $"{value} is said to fit {schema}, but {judged}");
            }
        }

        Assert.InRange(fits, 1_000, 19_000);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}}}""", """{"a":"x","a":"y"}""")]
    [InlineData("""{"type":"string","pattern":"^a$"}""", "\"a\"")]
    [InlineData("""{"type":"string","minLength":2}""", "\"👍\"")]
    [InlineData("""{"type":"number"}""", "1e400")]
    public void What_is_read_in_more_than_one_way_is_left_to_the_library(string schema, string value) =>
        Assert.False(PlainSchema.Fits(JsonText.Parse(schema).Element(), value, out _));

    [Theory]
    [InlineData("""{"type":"object","properties":{"message":{"type":"string","minLength":1}},"required":["message"],"additionalProperties":false}""", """{"message":"hi"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"number"},"b":{"type":["integer","null"]}},"required":["a"]}""", """{"a":3,"b":null,"c":[]}""")]
    public void What_is_plain_is_said_without_the_library(string schema, string value) =>
        Assert.True(PlainSchema.Fits(JsonText.Parse(schema).Element(), value, out _));

    private static string Schema(Random random, int depth)
    {
        var type = Types[random.Next(Types.Length)];
        var more = type switch
        {
            "string" => Some(random, """ "minLength":1 """, """ "maxLength":3 """, """ "enum":["a","blue"] """, """ "minLength":2 """),
            "object" when depth > 0 => string.Join(',', new[]
            {
                $$""" "properties":{"a":{{Schema(random, depth - 1)}},"b":{{Schema(random, depth - 1)}}} """,
                Some(random, """ "required":["a"] """, """ "additionalProperties":false """, """ "additionalProperties":true """, """ "required":["a","c"] """),
            }.Where(part => part.Length > 0)),
            "array" when depth > 0 => $$""" "items":{{Schema(random, depth - 1)}} """,
            _ => "",
        };
        var named = random.Next(4) == 0 ? $"[\"{type}\",\"{Types[random.Next(Types.Length)]}\"]" : $"\"{type}\"";
        return $$"""{"type":{{named}}{{(more.Length > 0 ? "," + more : "")}} }""";
    }

    private static string Value(Random random, int depth) => depth == 0 ? Scalars[random.Next(Scalars.Length)] : random.Next(3) switch
    {
        0 => Scalars[random.Next(Scalars.Length)],
        1 => $$"""{"a":{{Value(random, depth - 1)}}{{(random.Next(2) == 0 ? $",\"b\":{Value(random, depth - 1)}" : "")}}{{(random.Next(3) == 0 ? ",\"c\":1" : "")}}}""",
        _ => $"[{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1)))}]",
    };

    private static string Some(Random random, params string[] parts) => random.Next(3) == 0 ? "" : parts[random.Next(parts.Length)].Trim();
}
