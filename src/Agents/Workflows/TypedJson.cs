using System.Text.Json;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using Microsoft.Extensions.AI;

namespace AgentMcp.Agents.Workflows;

/// <summary>Values of a workflow as they are in the log: names in snake_case, as the arguments of tools have them.</summary>
internal static class TypedJson
{
    public static JsonText Write<T>(T value) => value is JsonText json ? json : JsonText.From(JsonSerializer.SerializeToElement(value, MethodTool.Strict));

    /// <exception cref="JsonException">The JSON is no such value.</exception>
    public static T Read<T>(JsonText json) => typeof(T) == typeof(JsonText) ? (T)(object)json : json.Element().Deserialize<T>(MethodTool.Strict)!;

    /// <summary>Null where anything is as good.</summary>
    public static LateSchema? LateSchemaOf<T>() => typeof(T) == typeof(JsonText) || typeof(T) == typeof(object) ? null : new(SchemaOrAny<T>);

    public static JsonText SchemaOf<T>() => JsonText.Write(writer =>
    {
        var schema = AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: MethodTool.Strict);
        writer.WriteStartObject();
        // Of a type that is any JSON, or reads itself, it is no object but `true`.
        foreach (var member in schema.ValueKind == JsonValueKind.Object ? schema.EnumerateObject().Where(member => member.Name != "$schema") : [])
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    // It is needed when nobody knows what became of a call, and that has to be asked of every type.
    private static JsonText SchemaOrAny<T>()
    {
        try
        {
            return SchemaOf<T>();
        }
        catch (Exception)
        {
            return JsonText.Parse("{}");
        }
    }
}
