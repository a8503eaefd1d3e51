using System.Text.Json.Nodes;
using AgentMcp.State.Json;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Upstream;

/// <summary>Which tools of an AgentMcp server are agents, and what they take. Pure.</summary>
internal static class RemoteAgents
{
    private static readonly string[] OfTheCall = ["idempotency_key", "wait_seconds"];

    // Its other tools are what an agent is driven with, which is our part.
    public static bool IsAgent(Tool tool) => tool.Name != "invoke_agent"
        && tool.InputSchema.TryGetProperty("properties", out var properties) && OfTheCall.All(name => properties.TryGetProperty(name, out _));

    /// <summary>The agent's own input, without what the call itself adds.</summary>
    public static JsonText Input(Tool tool)
    {
        var schema = (JsonObject)JsonNode.Parse(tool.InputSchema.GetRawText())!;
        foreach (var name in OfTheCall)
        {
            ((JsonObject)schema["properties"]!).Remove(name);
        }

        return JsonText.Parse(schema.ToJsonString());
    }
}
