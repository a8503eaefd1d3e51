using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Context;

/// <summary>
/// What of a result a decision needs: what it is called, where it is, how it stands and what it says. Everything else
/// is left out, the order stays. Pure.
/// </summary>
public static class Squash
{
    private static readonly string[] Standard =
        ["id", "key", "sha", "number", "name", "title", "subject", "url", "link", "href", "status", "state", "description", "summary", "message", "reason", "error", "detail"];

    // Members that tell of the answer and not of the thing.
    private static readonly string[] Metadata =
        ["meta", "metadata", "headers", "links", "raw", "debug", "trace", "stack", "stack_trace", "stacktrace", "permissions", "pagination", "extensions"];

    /// <param name="keep">The members to keep; null for those that are kept of anything.</param>
    public static JsonText Of(JsonText result, IReadOnlyList<string>? keep = null) =>
        JsonText.Write(writer => Write(writer, result.Element(), keep));

    private static void Write(Utf8JsonWriter writer, JsonElement value, IReadOnlyList<string>? keep)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().Where(member => Stays(member.Name, member.Value, keep)))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, keep);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item, keep);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static bool Stays(string name, JsonElement value, IReadOnlyList<string>? keep)
    {
        var known = JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
        return keep is null && (name.StartsWith('_') || Metadata.Contains(known)) ? false
            : keep?.Contains(name) ?? Standard.Any(word => known == word || known.EndsWith("_" + word, StringComparison.Ordinal)) ? true
            : value.ValueKind switch
            {
                // It is kept for what is kept within it.
                JsonValueKind.Object => value.EnumerateObject().Any(member => Stays(member.Name, member.Value, keep)),
                JsonValueKind.Array => value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object && item.EnumerateObject().Any(member => Stays(member.Name, member.Value, keep))),
                _ => false,
            };
    }
}
