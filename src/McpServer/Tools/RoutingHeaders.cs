using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Tools;

/// <summary>
/// Marks what a router in front of several machines has to know of a call: a client of 2026-07-28 then repeats it in a
/// header (<c>Mcp-Param-Thread-Id</c>), and is refused if it does not. Pure.
/// </summary>
internal static class RoutingHeaders
{
    private static readonly Dictionary<string, string> Names = new() { ["thread_id"] = "Thread-Id", ["agent"] = "Agent" };

    /// <param name="schema">The input schema of a tool.</param>
    public static JsonElement In(JsonElement schema)
    {
        var marked = JsonNode.Parse(schema.GetRawText())!;
        foreach (var (name, header) in Names)
        {
            if (marked["properties"]?[name] is JsonObject property)
            {
                property["x-mcp-header"] = header;
            }
        }

        return JsonText.Parse(marked.ToJsonString()).Element();
    }
}
