using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Apps;

/// <summary>The words of the MCP Apps extension (2026-01-26), and whether a client speaks it.</summary>
internal static class AppsExtension
{
    public const string Id = "io.modelcontextprotocol/ui";
    public const string HtmlType = "text/html;profile=mcp-app";

    /// <summary>Who else may call a tool than the model, and in what its results are shown.</summary>
    public static JsonObject ToolMeta(string resource, params string[] visibility) =>
        new() { ["ui"] = new JsonObject { ["resourceUri"] = resource, ["visibility"] = new JsonArray([.. visibility.Select(who => (JsonNode)who)]) } };

    /// <summary>Only a client that also takes HTML can show anything of ours.</summary>
    public static bool IsDeclaredBy(ClientCapabilities? client) =>
        client?.Extensions?.TryGetValue(Id, out var settings) == true
        && settings is JsonElement { ValueKind: JsonValueKind.Object } declared
        && declared.TryGetProperty("mimeTypes", out var types) && types.ValueKind == JsonValueKind.Array
        && types.EnumerateArray().Any(type => type.ValueKind == JsonValueKind.String && type.GetString() == HtmlType);
}
