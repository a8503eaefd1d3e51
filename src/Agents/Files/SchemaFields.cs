using AgentMcp.State.Json;

namespace AgentMcp.Agents.Files;

/// <summary>The fields <c>input</c> and <c>output</c>.</summary>
internal static class SchemaFields
{
    public const string Schema = """{"type":"object"}""";

    public static JsonText Of(FrontMatter matter, string field)
    {
        var schema = matter.Json(field)!.Value;
        var problem = JsonSchemas.Problem(schema)
            ?? (schema.Element().TryGetProperty("type", out var type) && type.ValueEquals("object") ? null : "its type must be object");
        return problem is null ? schema : throw matter.Wrong(field, $"{field} is no usable JSON Schema: {problem}");
    }
}
