using System.Text.Json.Nodes;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Upstream;

/// <summary>What a tool of another server returned, as a result of ours: structured where it is, and described where it is no text. Pure.</summary>
internal static class UpstreamResult
{
    /// <exception cref="ToolException">The tool says that it failed.</exception>
    public static JsonText Of(JsonObject result)
    {
        if (result["isError"]?.GetValue<bool>() == true)
        {
            throw new ToolException(Words(result) is { Length: > 0 } words ? words : "it failed and did not say why");
        }

        if (result["structuredContent"] is { } structured)
        {
            return JsonText.Parse(structured.ToJsonString());
        }

        var blocks = Blocks(result).Select(Shown).ToList();
        return blocks switch
        {
            [] => JsonText.Null,
            [var one] => JsonText.Parse(one.ToJsonString()),
            _ => JsonText.Parse(new JsonArray([.. blocks]).ToJsonString()),
        };
    }

    /// <summary>The text of a result.</summary>
    public static string Words(JsonObject result) =>
        string.Join(' ', Blocks(result).Where(block => TextOf(block, "type") == "text").Select(block => TextOf(block, "text")));

    private static IEnumerable<JsonObject> Blocks(JsonObject result) => (result["content"] as JsonArray ?? []).OfType<JsonObject>();

    private static JsonNode Shown(JsonObject block) => TextOf(block, "type") switch
    {
        "text" => JsonValue.Create(TextOf(block, "text")),
        "image" or "audio" => Left(TextOf(block, "type"), TextOf(block, "mimeType"), TextOf(block, "data").Length / 4 * 3),
        "resource_link" => Link(block),
        "resource" when block["resource"] is JsonObject { } resource && resource["text"] is { } text => new JsonObject { ["resource"] = TextOf(resource, "uri"), ["text"] = text.DeepClone() },
        "resource" when block["resource"] is JsonObject { } resource => Left("resource " + TextOf(resource, "uri"), TextOf(resource, "mimeType"), TextOf(resource, "blob").Length / 4 * 3),
        var other => JsonValue.Create($"[{other}, which cannot be shown here]"),
    };

    private static JsonValue Left(string what, string type, int bytes) => JsonValue.Create($"[{what}: {(type.Length > 0 ? type + ", " : "")}{bytes} bytes, not shown]");

    private static JsonObject Link(JsonObject block)
    {
        var link = new JsonObject();
        foreach (var name in new[] { "uri", "name", "title", "description", "mimeType" })
        {
            if (block[name] is { } value)
            {
                link[name] = value.DeepClone();
            }
        }

        return link;
    }

    private static string TextOf(JsonObject from, string name) => (from[name] as JsonValue)?.ToString() ?? "";
}
