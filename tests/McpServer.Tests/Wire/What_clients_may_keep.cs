using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Wire;

/// <summary>How long and for whom; a word of 2026-07-28 that earlier clients are not told.</summary>
public sealed class What_clients_may_keep(SharedServers servers)
{
    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Lists_may_be_kept_for_a_while_and_threads_not_at_all(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var thread = (await server.Do("calculator", new { message = "divide 3 by 4" })).ThreadId;
        string[] expected = protocol == Ways.Newest ? ["30000 public", "30000 public", "30000 public", "3600000 public", "30000 public", "0 private", "0 private"] : ["", "", "", "", "", "", ""];

        Assert.Equal(expected, await Hints(server.Client, thread));
    }

    [Fact]
    public async Task What_is_told_to_whoever_showed_a_key_is_for_nobody_else()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("ana", "run");
        await using var client = await server.Mcp("ana");

        Assert.Equal(["30000 private", "30000 private", "30000 private", "3600000 private", "30000 private", "0 private", "0 private"],
            await Hints(client, (await server.Asking("ana")).Thread.Id.Value));
    }

    private static async Task<string[]> Hints(McpClient client, string thread) =>
    [
        await Hint(client, "tools/list"),
        await Hint(client, "prompts/list"),
        await Hint(client, "resources/list"),
        await Hint(client, "resources/templates/list"),
        await Hint(client, "resources/read", "agent://calculator"),
        await Hint(client, "resources/read", $"thread://{thread}"),
        await Hint(client, "resources/read", $"thread://{thread}/transcript"),
    ];

    private static async Task<string> Hint(McpClient client, string method, string? uri = null)
    {
        var answer = await client.SendRequestAsync(new JsonRpcRequest { Method = method, Params = uri is null ? [] : new JsonObject { ["uri"] = uri } }, TestContext.Current.CancellationToken);
        var result = JsonElement.Parse(answer.Result!.ToJsonString());
        return result.TryGetProperty("ttlMs", out var time) | result.TryGetProperty("cacheScope", out var scope) ? $"{time} {scope}" : "";
    }
}
