using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Prompting;

/// <summary>The JSON Schema of one step: any one of the agent's intents, with its arguments beside it.</summary>
public static class StepSchema
{
    private static readonly ConditionalWeakTable<Microagent, StrongBox<JsonText>> Known = [];

    public static JsonText Of(Microagent agent) => Known.GetValue(agent, static a => new(Build(a.Intents))).Value;

    public static JsonText Of(IEnumerable<Intent> intents) => Build(intents);

    private static JsonText Build(IEnumerable<Intent> intents) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("anyOf");
        foreach (var intent in intents)
        {
            Write(writer, intent);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, Intent intent)
    {
        var arguments = intent.Arguments.Element();
        writer.WriteStartObject();
        writer.WriteString("description", intent.Description);
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WriteStartObject("intent");
        writer.WriteStartArray("enum");
        writer.WriteStringValue(intent.Name);
        writer.WriteEndArray();
        writer.WriteEndObject();
        foreach (var member in Members(arguments, "properties"))
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("required");
        writer.WriteStringValue("intent");
        foreach (var name in arguments.TryGetProperty("required", out var required) ? required.EnumerateArray() : default)
        {
            name.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var members) ? members.EnumerateObject() : default;
}
