using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Context;

/// <summary>
/// The part of a stored definition that is about context. Written only where something is set, so that a definition
/// from before there was such a thing keeps its hash.
/// </summary>
internal static class ContextDefinition
{
    private static readonly ContextPolicy Nothing = new();

    public static void Write(Utf8JsonWriter writer, ContextPolicy context)
    {
        if (context.Prefetch.Count > 0)
        {
            writer.WriteStartArray("prefetch");
            foreach (var wanted in context.Prefetch)
            {
                writer.WriteStartObject();
                writer.WritePropertyName(wanted.Intent);
                writer.WriteRawValue(wanted.Arguments.Text);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (context.RefetchAfter != Nothing.RefetchAfter)
        {
            writer.WriteNumber("refetch_after", context.RefetchAfter.TotalSeconds);
        }
    }

    public static ContextPolicy Read(JsonElement was, ContextPolicy today) => today with
    {
        Prefetch = was.TryGetProperty("prefetch", out var prefetch)
            ? [.. prefetch.EnumerateArray().SelectMany(wanted => wanted.EnumerateObject()).Select(wanted => new Prefetch(wanted.Name, JsonText.From(wanted.Value)))]
            : [],
        RefetchAfter = was.TryGetProperty("refetch_after", out var age) ? TimeSpan.FromSeconds(age.GetDouble()) : Nothing.RefetchAfter,
    };
}
