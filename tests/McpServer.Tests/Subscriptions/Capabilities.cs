using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Subscriptions;

public sealed class Capabilities
{
    private const string Hello =
        """{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"VERSION","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""";

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Clients_of_the_newest_protocol_are_told_of_subscriptions_and_of_tasks(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);

        var discovered = await client.Ask("server/discover", []);

        Assert.Equal(
            """{"prompts":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"tools":{"listChanged":true},"completions":{},"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{}}}""",
            discovered.GetProperty("result").GetProperty("capabilities").GetRawText());
    }

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2024-11-05")]
    public async Task Clients_of_earlier_protocols_are_told_of_subscriptions_and_not_of_tasks(string protocol)
    {
        const string expected = """{"logging":{},"prompts":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"tools":{"listChanged":true},"completions":{},"extensions":{"io.modelcontextprotocol/ui":{}}}""";
        using var folder = new TestFolder();
        await using var stdio = new RawStdio(folder.Database);
        await using var http = await RunningServer.Start(Transport.Http, folder.Database);
        using var post = RawHttp.Newest(http.Url!);

        await stdio.Send(Hello.Replace("VERSION", protocol, StringComparison.Ordinal));
        var overStdio = await stdio.Answer("hello");
        using var answer = await post.Post(Hello.Replace("VERSION", protocol, StringComparison.Ordinal), change: request =>
        {
            request.Headers.Remove("MCP-Protocol-Version");
        });
        var overHttp = await RawHttp.Message(answer);

        Assert.Equal([expected, expected], new[] { overStdio, overHttp }.Select(reply => reply.GetProperty("result").GetProperty("capabilities").GetRawText()));
    }
}
