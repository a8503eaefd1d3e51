using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;

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

        string[] hints =
        [
            Hint(await server.Send("tools/list")),
            Hint(await server.Send("prompts/list")),
            Hint(await server.Send("resources/list")),
            Hint(await server.Send("resources/templates/list")),
            Hint(await server.Send("resources/read", new JsonObject { ["uri"] = "agent://calculator" })),
            Hint(await server.Send("resources/read", new JsonObject { ["uri"] = $"thread://{thread}" })),
            Hint(await server.Send("resources/read", new JsonObject { ["uri"] = $"thread://{thread}/transcript" })),
        ];

        Assert.Equal(expected, hints);
    }

    private static string Hint(JsonElement result) =>
        result.TryGetProperty("ttlMs", out var time) | result.TryGetProperty("cacheScope", out var scope) ? $"{time} {scope}" : "";
}
