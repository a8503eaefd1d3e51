using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Client;

namespace AgentMcp.Server.Tests.Apps;

/// <summary>A client whose host shows cards, and what such a host has in hand: the data of each result that only the card is told.</summary>
public static class CardHost
{
    public const string Extension = "io.modelcontextprotocol/ui";
    public const string Page = "ui://agentmcp/request.html";

    public static McpClientOptions Declares(params string[] types) => new()
    {
        Capabilities = new() { Extensions = new Dictionary<string, object> { [Extension] = new JsonObject { ["mimeTypes"] = new JsonArray([.. types.Select(type => (JsonNode)type)]) } } },
    };

    /// <param name="settings">Wants a server process of its own.</param>
    public static async Task<RunningServer> Start(
        SharedServers servers, Transport transport, string protocol, IReadOnlyDictionary<string, string>? settings = null, McpClientOptions? options = null)
    {
        options ??= Declares("text/html;profile=mcp-app");
        return transport == Transport.Http && settings is null
            ? await (await servers.Of(Transport.Http, Ways.Sessions)).Again(protocol, options)
            : await RunningServer.Start(transport, servers.DatabaseOf(transport, Ways.Sessions), protocol,
                servers.Settings.Concat(settings ?? new Dictionary<string, string>()).ToDictionary(), options);
    }

    /// <summary>An approval that only a person may give.</summary>
    public static async Task<Reply> Guarded(RunningServer host, double a = 3, double b = 4)
    {
        var start = await host.Do("guarded", new { message = "go" });
        var pending = await host.Do("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "divide", a, b } });
        Assert.Equal(("approval", "human"), (pending.Kind, pending.Request.GetProperty("answerable_by").GetString()));
        return pending;
    }

    /// <summary>What only the card is told.</summary>
    public static JsonElement Data(this Reply reply) => JsonElement.Parse(reply.Result.Meta!["agentmcp/card"]!.ToJsonString());

    /// <summary>The proof that the open request was shown.</summary>
    public static string Token(this Reply reply) => reply.Data().GetProperty("requests").GetProperty(reply.RequestId).GetString()!;
}
