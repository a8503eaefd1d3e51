using System.Text.Json.Nodes;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Server.Upstream;

/// <summary>Said with each request: what we can do depends on the call, since agents are asked for plain results. Pure.</summary>
internal static class UpstreamMeta
{
    private const string TasksExtension = "io.modelcontextprotocol/tasks";

    public static JsonObject Of(ToolCall? call)
    {
        var meta = new JsonObject
        {
            ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject
            {
                ["elicitation"] = new JsonObject { ["form"] = new JsonObject() },
                ["extensions"] = new JsonObject { [TasksExtension] = new JsonObject() },
            },
        };
        if (call is not null)
        {
            meta["agentmcp/idempotency_key"] = call.IdempotencyKey;
        }

        return meta;
    }
}
