using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// A step made up from its schema, to show what one looks like: what must be there, with values of the right kind. The
/// schema may be another server's and say anything, so what makes no sense is passed over, and no example grows large. Pure.
/// </summary>
public static class StepExample
{
    private const int Deepest = 8;
    private const int MostValues = 200;
    private const int MostItems = 3;
    private const int MostCharacters = 20;

    /// <summary>A step that uses a tool, where the agent has one.</summary>
    public static string Of(Microagent agent) => Of(agent.Intents.FirstOrDefault(intent => intent is Tool) ?? agent.Intents[0]);

    public static string Of(Intent intent)
    {
        var step = new JsonObject { ["intent"] = intent.Name };
        foreach (var (name, value) in new Made().Value(intent.Arguments.Element(), 0) as JsonObject ?? [])
        {
            step[name] = value?.DeepClone();
        }

        return JsonText.Parse(step.ToJsonString()).Text;
    }

    /// <summary>One example while it is made, and how many values it has.</summary>
    private sealed class Made
    {
        private int _values;

        public JsonNode? Value(JsonElement schema, int depth)
        {
            if (_values++ >= MostValues)
            {
                return "...";
            }

            if (schema.ValueKind != JsonValueKind.Object || depth > Deepest)
            {
                return new JsonObject();
            }

            if (First(schema, "enum") is { } one && one.GetRawText() is { Length: <= MostValues } text)
            {
                return JsonNode.Parse(text);
            }

            if ((First(schema, "anyOf") ?? First(schema, "oneOf")) is { } choice)
            {
                return Value(choice, depth + 1);
            }

            return Type(schema) switch
            {
                "string" => Text(schema),
                "integer" => (long)Least(schema),
                "number" => Least(schema),
                "boolean" => true,
                "null" => null,
                "array" => Array(schema, depth),
                _ => Object(schema, depth),
            };
        }

        private JsonNode Unknown()
        {
            _values++;
            return "...";
        }

        private JsonArray Array(JsonElement schema, int depth) => Member(schema, "items") is { } items
            ? [.. Enumerable.Range(0, Math.Clamp(Count(schema, "minItems"), 0, MostItems)).Select(_ => Value(items, depth + 1))] : [];

        private JsonObject Object(JsonElement schema, int depth)
        {
            var made = new JsonObject();
            foreach (var name in Member(schema, "required") is { ValueKind: JsonValueKind.Array } required ? required.EnumerateArray() : default)
            {
                if (_values < MostValues && name.ValueKind == JsonValueKind.String)
                {
                    var property = Member(schema, "properties") is { } properties ? Member(properties, name.GetString()!) : null;
                    made[name.GetString()!] = property is { } known ? Value(known, depth + 1) : Unknown();
                }
            }

            return made;
        }
    }

    private static string? Type(JsonElement schema) => Member(schema, "type") switch
    {
        { ValueKind: JsonValueKind.String } named => named.GetString(),
        { ValueKind: JsonValueKind.Array } when First(schema, "type") is { ValueKind: JsonValueKind.String } first => first.GetString(),
        _ => null,
    };

    private static string Text(JsonElement schema) => (Member(schema, "format") is { ValueKind: JsonValueKind.String } format ? format.GetString() : null) switch
    {
        "date" => "2026-01-31",
        "date-time" => "2026-01-31T12:00:00Z",
        "email" => "name@example.org",
        "uri" => "https://example.org",
        _ => new string('.', Math.Clamp(Count(schema, "minLength"), 3, MostCharacters)),
    };

    private static double Least(JsonElement schema) => Number(schema, "minimum") ?? (Number(schema, "exclusiveMinimum") is { } above ? Math.Floor(above) + 1 : 1);

    private static double? Number(JsonElement schema, string name) =>
        Member(schema, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) && double.IsFinite(value) ? value : null;

    private static int Count(JsonElement schema, string name) => (int)Math.Clamp(Number(schema, name) ?? 0, 0, int.MaxValue);

    private static JsonElement? First(JsonElement schema, string name) =>
        Member(schema, name) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list[0] : null;

    private static JsonElement? Member(JsonElement schema, string name) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var member) ? member : null;
}
