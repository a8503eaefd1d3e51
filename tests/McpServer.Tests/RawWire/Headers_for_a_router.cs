using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.RawWire;

/// <summary>With routing_headers a router finds a thread's machine without reading bodies; without, nobody has to send any.</summary>
public sealed class Headers_for_a_router
{
    [Fact]
    public async Task They_repeat_the_thread_and_are_checked_against_it()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, Ways.Newest, new Dictionary<string, string> { ["routing_headers"] = "on" });
        var thread = (await server.Do("calculator", new { message = "divide 3 by 4" })).ThreadId;
        using var raw = RawHttp.Newest(server.Url!);

        var marked = (await server.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken))
            .ToDictionary(tool => tool.Name, tool => string.Join(' ', Headers(tool.JsonSchema)));
        var listing = await server.Do("get_thread", new { thread_id = thread });

        Assert.Equal(
            "calculator= cancel_thread=Thread-Id deploybot= fork_thread=Thread-Id get_thread=Thread-Id invoke_agent=Agent list_agents= list_threads= pipeline= resume_thread=Thread-Id rollback= wait_thread=Thread-Id",
            string.Join(' ', marked.OrderBy(tool => tool.Key, StringComparer.Ordinal).Select(tool => $"{tool.Key}={tool.Value}")));
        Assert.Equal("pending", listing.Status);
        Assert.Equal((400, -32020), await Call(raw, thread, null));
        Assert.Equal((400, -32020), await Call(raw, thread, "thr_another"));
        Assert.Equal((200, 0), await Call(raw, thread, thread));
    }

    private static async Task<(int Status, int Error)> Call(RawHttp client, string thread, string? header)
    {
        var message = new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 1,
            ["method"] = "tools/call",
            ["params"] = new JsonObject
            {
                ["name"] = "get_thread",
                ["arguments"] = new JsonObject { ["thread_id"] = thread },
                ["_meta"] = new JsonObject { ["io.modelcontextprotocol/protocolVersion"] = Ways.Newest, ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject() },
            },
        };
        using var answer = await client.Post(message.ToJsonString(), "tools/call", request =>
        {
            request.Headers.Add("Mcp-Name", "get_thread");
            if (header is not null)
            {
                request.Headers.Add("Mcp-Param-Thread-Id", header);
            }
        });
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, body.StartsWith('{') ? JsonElement.Parse(body).GetProperty("error").GetProperty("code").GetInt32() : 0);
    }

    private static IEnumerable<string?> Headers(JsonElement schema) => schema.GetProperty("properties").EnumerateObject()
        .Where(field => field.Value.TryGetProperty("x-mcp-header", out _)).Select(field => field.Value.GetProperty("x-mcp-header").GetString());
}
