using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentMcp.Agents.Files;

/// <summary>The front matter as JSON Schema, for editors: made of the same rows that the parser follows.</summary>
public static partial class AgentFileSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Draft 7, which editors know best; ends with a line break.</summary>
    public static string Text { get; } = Make().ToJsonString(Indented) + "\n";

    private static JsonObject Make()
    {
        var fields = new JsonObject();
        foreach (var field in Field.All)
        {
            var schema = JsonNode.Parse(field.Schema)!.AsObject();
            schema.Insert(0, "description", Plain(field.Otherwise is null ? field.Meaning : $"{field.Meaning}; when left out: {field.Otherwise}"));
            fields[field.Name] = schema;
        }

        return new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "The front matter of an agent file (*.agent.md)",
            ["type"] = "object",
            ["required"] = new JsonArray([.. Field.All.Where(field => field.Otherwise is null).Select(field => JsonValue.Create(field.Name))]),
            ["additionalProperties"] = false,
            ["properties"] = fields,
            ["definitions"] = new JsonObject { ["short"] = JsonNode.Parse(SchemaFields.Short) },
        };
    }

    private static string Plain(string markdown) => Link().Replace(markdown, "$1").Replace("`", "", StringComparison.Ordinal);

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
