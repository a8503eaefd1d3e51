using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tools;

/// <summary>
/// The schema of a tool that somebody else wrote, as one of ours: without references, which would be lost where it
/// becomes part of a step's. One that says what is not checked here is loosened to the names of its arguments; the
/// server still checks the rest. Pure.
/// </summary>
public static class ForeignSchema
{
    private const int MostNodes = 5000;

    /// <returns>The schema, or why there is none.</returns>
    public static (JsonText? Schema, string? Problem) Of(JsonText foreign)
    {
        if (JsonNode.Parse(foreign.Text) is not JsonObject root)
        {
            return (null, "its input schema is no JSON object");
        }

        var left = MostNodes;
        var whole = (JsonObject)Inlined(root, root, [], ref left);
        if (left < 0)
        {
            return (null, "its input schema is too large");
        }

        foreach (var name in new[] { "$schema", "$defs", "definitions" })
        {
            whole.Remove(name);
        }

        whole["type"] = "object";
        if (whole["properties"] is JsonObject properties && properties.ContainsKey("intent"))
        {
            return (null, "it has an argument named intent, which cannot be told from the step's own");
        }

        var schema = JsonText.Parse(whole.ToJsonString());
        if (JsonSchemas.Problem(schema) is null)
        {
            return (schema, null);
        }

        var loose = JsonText.Parse(Loosened(whole).ToJsonString());
        return JsonSchemas.Problem(loose) is { } problem ? (null, $"its input schema cannot be used: {problem}") : (loose, null);
    }

    // What refers to itself has no end: the second time anything goes.
    private static JsonNode Inlined(JsonNode node, JsonObject root, ImmutableList<string> within, ref int left)
    {
        left--;
        switch (node)
        {
            case not null when left < 0:
                return new JsonObject();
            case JsonObject at when at["$ref"] is JsonValue reference && reference.TryGetValue<string>(out var path):
                return !within.Contains(path) && Target(root, path) is { } target ? Inlined(target, root, within.Add(path), ref left) : new JsonObject();
            case JsonObject at:
                var copy = new JsonObject();
                foreach (var (name, value) in at.Where(member => at != root || member.Key is not ("$defs" or "definitions")))
                {
                    copy[name] = value is null ? null : Inlined(value, root, within, ref left);
                }

                return copy;
            case JsonArray list:
                var items = new JsonArray();
                foreach (var item in list)
                {
                    items.Add(item is null ? null : Inlined(item, root, within, ref left));
                }

                return items;
            default:
                return node!.DeepClone();
        }
    }

    private static JsonObject? Target(JsonObject root, string path) => path.StartsWith("#/", StringComparison.Ordinal)
        ? path[2..].Split('/').Aggregate((JsonNode?)root, (at, name) => (at as JsonObject)?[name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)]) as JsonObject
        : null;

    private static JsonObject Loosened(JsonObject whole)
    {
        var loose = new JsonObject { ["type"] = "object" };
        var properties = new JsonObject();
        foreach (var (name, value) in whole["properties"] as JsonObject ?? [])
        {
            var text = (value as JsonObject)?["description"]?.ToString();
            properties[name] = text is null ? new JsonObject() : new JsonObject { ["description"] = text };
        }

        loose["properties"] = properties;
        if (whole["required"] is JsonArray required)
        {
            loose["required"] = required.DeepClone();
        }

        return loose;
    }
}
