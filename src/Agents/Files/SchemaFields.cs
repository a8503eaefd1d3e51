using AgentMcp.State.Json;
using YamlDotNet.RepresentationModel;

namespace AgentMcp.Agents.Files;

/// <summary>The fields <c>input</c> and <c>output</c>, in the short form or as JSON Schema.</summary>
internal static class SchemaFields
{
    public const string Schema = """
        {"anyOf":[
          {"type":"object","properties":{"type":{"enum":["object"]}},"required":["type"]},
          {"$ref":"#/definitions/short"}]}
        """;

    /// <summary>What the short form may hold, for the definitions of the whole schema.</summary>
    public const string Short = """
        {"type":"object","additionalProperties":{"anyOf":[
          {"type":"string","pattern":"^(string|number|integer|boolean|[^()|]+(\\|[^()|]+)+)( *\\(.+\\))?$"},
          {"type":"array","minItems":1,"maxItems":1},
          {"$ref":"#/definitions/short"}]}}
        """;

    public static JsonText Input(FrontMatter matter)
    {
        var schema = Of(matter, "input");
        return schema.Element().TryGetProperty("properties", out var fields)
            && Array.Find([Microagent.KeyArgument, Microagent.WaitArgument], name => fields.TryGetProperty(name, out _)) is { } taken
            ? throw matter.Wrong("input", $"input: '{taken}' is an argument that every call of an agent takes; choose another name", taken)
            : schema;
    }

    public static JsonText Of(FrontMatter matter, string field)
    {
        if (matter.Node(field) is not YamlMappingNode fields)
        {
            throw matter.Wrong(field, $"{field} must be fields with their types, such as {{ branch: string, dry_run?: boolean }}, or a JSON Schema");
        }

        var isShort = ShortSchema.Is(fields);
        var schema = isShort ? ShortSchema.Of(fields, (node, reason, meant) => matter.Wrong((int)node.Start.Line + 1, $"{field}: {reason}", meant)) : matter.Json(field)!.Value;
        return !matter.IsShipped && (isShort ? JsonSchemas.TooLarge(schema) : JsonSchemas.Problem(schema)) is { } problem ? throw matter.Wrong(field, $"{field} is no usable JSON Schema: {problem}") : schema;
    }
}
