using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Pause;

public sealed class A_call_is_stopped_while_its_form_is_shown(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "F6.6")]
    [Trait("Accepts", "X.2")]
    [InlineData("calculator", "stopped by the user", "cancelled")]
    [InlineData("calculator", "McpError: MCP error -32001: Request timed out", "pending")]
    [InlineData("wait_thread", "stopped by the user", "pending")]
    public async Task The_form_is_taken_back_and_the_thread_ends_where_the_user_stopped_what_began_it(string tool, string reason, string status)
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database, servers.Settings);
        await server.Initialize("""{"elicitation":{}}""");
        await server.Call("call", "calculator", new { message = "divide 3 by 4" });
        await server.Answer("ask-1");
        var thread = (await server.Ask("list", "list_threads", new { })).GetProperty("threads").EnumerateArray().Single().GetProperty("thread_id").GetString();
        if (tool == "wait_thread")
        {
            await server.Send("""{"jsonrpc":"2.0","id":"ask-1","result":{"action":"decline"}}""");
            await server.Answer("call");
            await server.Call("call", tool, new { thread_id = thread });
            await server.Answer("ask-2");
        }

        await server.Send(JsonSerializer.Serialize(new { jsonrpc = "2.0", method = "notifications/cancelled", @params = new { requestId = "call", reason } }));
        var after = JsonElement.Parse("{}");
        for (var i = 0; i < 1000 && status == "cancelled" && (i == 0 || after.GetProperty("status").GetString() != status); i++)
        {
            after = await server.Ask($"look {i}", "get_thread", new { thread_id = thread });
        }

        after = await server.Ask("last", "get_thread", new { thread_id = thread });
        Assert.Equal(status, after.GetProperty("status").GetString());
        await server.Close();
        var shown = tool == "wait_thread" ? "ask-2" : "ask-1";
        Assert.Single(server.Lines, line => line.GetRawText().Contains("notifications/cancelled", StringComparison.Ordinal)
            && line.GetProperty("params").GetProperty("requestId").GetString() == shown);
    }
}
