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
    public static LateSchema? LateSchemaOf<T>() => typeof(T) == typeof(JsonText) || typeof(T) == typeof(object) ? null : new(SchemaOf<T>);

    public static JsonText SchemaOf<T>() => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var member in AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: MethodTool.Strict).EnumerateObject().Where(member => member.Name != "$schema"))
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    });
}
