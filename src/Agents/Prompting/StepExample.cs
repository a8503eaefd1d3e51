using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Prompting;

/// <summary>A step made up from its schema, to show what one looks like: what must be there, with values of the right kind. Pure.</summary>
public static class StepExample
{
    private const int Deepest = 8;

    /// <summary>A step that uses a tool, where the agent has one.</summary>
    public static string Of(Microagent agent) => Of(agent.Intents.FirstOrDefault(intent => intent is Tool) ?? agent.Intents[0]);

    public static string Of(Intent intent)
    {
        var step = new JsonObject { ["intent"] = intent.Name };
        foreach (var (name, value) in (JsonObject)Value(intent.Arguments.Element(), 0)!)
        {
            step[name] = value?.DeepClone();
        }

        return JsonText.Parse(step.ToJsonString()).Text;
    }

    private static JsonNode? Value(JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > Deepest)
        {
            return new JsonObject();
        }

        if (Member(schema, "enum") is { ValueKind: JsonValueKind.Array } one)
        {
            return JsonNode.Parse(one[0].GetRawText());
        }

        foreach (var choice in new[] { "anyOf", "oneOf" })
        {
            if (Member(schema, choice) is { ValueKind: JsonValueKind.Array } of)
            {
                return Value(of[0], depth + 1);
            }
        }

        var type = Member(schema, "type") is not { } named ? "object" : named.ValueKind == JsonValueKind.Array ? named[0].GetString() : named.GetString();
        return type switch
        {
            "string" => Text(schema),
            "integer" => (long)Least(schema),
            "number" => Least(schema),
            "boolean" => true,
            "null" => null,
            "array" => Member(schema, "minItems") is { } least && least.GetInt32() > 0 && Member(schema, "items") is { } items
                ? new JsonArray([.. Enumerable.Range(0, least.GetInt32()).Select(_ => Value(items, depth + 1))]) : new JsonArray(),
            _ => Object(schema, depth),
        };
    }

    private static JsonObject Object(JsonElement schema, int depth)
    {
        var made = new JsonObject();
        foreach (var name in Member(schema, "required") is { ValueKind: JsonValueKind.Array } required ? required.EnumerateArray().Select(name => name.GetString()!) : [])
        {
            made[name] = Member(schema, "properties") is { } properties && Member(properties, name) is { } property ? Value(property, depth + 1) : "...";
        }

        return made;
    }

    private static string Text(JsonElement schema) => Member(schema, "format")?.GetString() switch
    {
        "date" => "2026-01-31",
        "date-time" => "2026-01-31T12:00:00Z",
        "email" => "name@example.org",
        "uri" => "https://example.org",
        _ => new string('.', Math.Max(3, Member(schema, "minLength")?.GetInt32() ?? 0)),
    };

    private static double Least(JsonElement schema) =>
        Member(schema, "minimum")?.GetDouble() ?? (Member(schema, "exclusiveMinimum") is { ValueKind: JsonValueKind.Number } above ? Math.Floor(above.GetDouble()) + 1 : 1);

    private static JsonElement? Member(JsonElement schema, string name) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var member) ? member : null;
}
