using AgentMcp.Server.Protocol;
using AgentMcp.Server.Protocol.Subscriptions;
using AgentMcp.Server.Protocol.Tasks;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Subscriptions;

public sealed class Lists_that_change
{
    [Fact]
    public async Task A_list_that_changes_is_told_to_those_who_asked_for_that_list()
    {
        await using var server = new InProcess();
        var options = new McpServerOptions();
        new McpSetup(server.Core, "stdio").Apply(options);
        server.Serve(options);
        await server.Send(Listen("\"tools\"", "toolsListChanged"));
        await server.Next();
        await server.Send(Listen("\"resources\"", "resourcesListChanged"));
        await server.Next();

        options.ToolCollection!.Add(McpServerTool.Create(() => "later", new() { Name = "later" }));
        var first = await server.Next();
        options.ResourceCollection!.Add(McpServerResource.Create(() => "later", new() { UriTemplate = "later://1", Name = "later" }));
        var second = await server.Next();

        Assert.Equal(
            [
                """{"method":"notifications/tools/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"tools"}},"jsonrpc":"2.0"}""",
                """{"method":"notifications/resources/list_changed","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":"resources"}},"jsonrpc":"2.0"}""",
            ],
            [Shown.Of(first), Shown.Of(second)]);
    }

    [Fact]
    public async Task Sessions_of_earlier_protocols_are_told_without_asking()
    {
        await using var server = new InProcess();
        var options = new McpServerOptions();
        new McpSetup(server.Core, "stdio").Apply(options);
        server.Serve(options);
        await server.Send("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""");
        await server.Next();
        await server.Send("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");

        options.ToolCollection!.Add(McpServerTool.Create(() => "later", new() { Name = "later" }));

        Assert.Equal("""{"method":"notifications/tools/list_changed","jsonrpc":"2.0"}""", Shown.Of(await server.Next()));
    }

    [Fact]
    public async Task A_cancelled_stream_is_forgotten_and_not_answered()
    {
        await using var server = new InProcess();
        var threads = new ThreadWatch(server.Core);
        server.Serve(new() { Handlers = { SubscriptionsListenHandler = new AgentMcp.Server.Protocol.Subscriptions.Listening(server.Core, threads, new TaskShape(server.Core), new(1)).Listen } });
        await server.Send(Listen("1", "toolsListChanged"));
        await server.Next();
        var open = threads.Watches;

        await server.Send("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""");
        while (threads.Watches > 0)
        {
            await Task.Yield();
        }

        Assert.Equal(1, open);
        Assert.Equal("", await server.Rest());
    }

    private static string Listen(string id, string wish) =>
        """{"jsonrpc":"2.0","id":ID,"method":"subscriptions/listen","params":{"notifications":{"WISH":true},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}"""
            .Replace("ID", id, StringComparison.Ordinal).Replace("WISH", wish, StringComparison.Ordinal);
}
