using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Subscriptions;

/// <summary><c>subscriptions/listen</c> of 2026-07-28, message by message, over stdio and over HTTP without sessions.</summary>
public sealed class Listening(SharedServers servers)
{
    private const string Nobodys = "thr_00000000000000000000000000000000";

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_stream_begins_by_saying_what_of_the_wish_can_be_given(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);
        var thread = await Pending(client);

        var stream = await client.Listen($$"""
            {"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,
             "resourceSubscriptions":["thread://{{thread}}/transcript","thread://{{Nobodys}}","agent://calculator","file:///etc/passwd","thread://{{thread}}/secret","thread://{{thread}}"]}
            """);
        var nothing = await client.Listen("{}");
        var impossible = await client.Listen($$"""{"promptsListChanged":false,"toolsListChanged":false,"resourceSubscriptions":["thread://{{Nobodys}}"]}""");

        Assert.Equal(
            [
                """{"method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":2},"notifications":{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["thread://thr_1/transcript","thread://thr_1"]}},"jsonrpc":"2.0"}""",
                """{"method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":3},"notifications":{}},"jsonrpc":"2.0"}""",
                """{"method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":4},"notifications":{}},"jsonrpc":"2.0"}""",
            ],
            [Shown.Of(await stream.Next(), thread), Shown.Of(await nothing.Next()), Shown.Of(await impossible.Next())]);
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_thread_that_moves_is_told_on_the_streams_that_named_it_and_no_other(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);
        var (one, other) = (await Pending(client), await Pending(client));
        var ofOne = await client.Listen($$"""{"resourceSubscriptions":["thread://{{one}}"]}""");
        var ofOther = await client.Listen($$"""{"toolsListChanged":true,"resourceSubscriptions":["thread://{{other}}/output"]}""");
        await ofOne.Next();
        await ofOther.Next();

        await client.Do("resume_thread", new { thread_id = other, approved = true });
        await client.Do("resume_thread", new { thread_id = one, approved = true });

        Assert.Equal("""{"method":"notifications/resources/updated","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":3},"uri":"thread://thr_1"},"jsonrpc":"2.0"}""",
            Shown.Of(await ofOne.Next(), one));
        Assert.Equal("""{"method":"notifications/resources/updated","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":4},"uri":"thread://thr_1/output"},"jsonrpc":"2.0"}""",
            Shown.Of(await ofOther.Next(), other));
    }

    [Theory]
    [Trait("Accepts", "F11.1")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task What_another_process_on_the_same_database_does_is_told_too(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);
        await using var beside = await ModernClient.Start(Transport.Stdio, folder.Database);
        var thread = await Pending(client);
        var stream = await client.Listen($$"""{"resourceSubscriptions":["thread://{{thread}}"]}""");
        await stream.Next();

        await beside.Do("cancel_thread", new { thread_id = thread });

        Assert.Equal($"thread://{thread}", (await stream.Next()).GetProperty("params").GetProperty("uri").GetString());
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task A_server_that_ends_answers_its_streams(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);
        var stream = await client.Listen("""{"toolsListChanged":true}""");
        await stream.Next();

        if (transport == Transport.Stdio)
        {
            client.Process!.StandardInput.Close();
        }
        else
        {
            await RunningServer.Terminate(client.Process!);
        }

        Assert.Equal(
            """{"result":{"_meta":{"io.modelcontextprotocol/subscriptionId":1,"io.modelcontextprotocol/serverInfo":{"name":"agentmcp","title":"AgentMcp","version":"0.1.0"}},"resultType":"complete"},"id":1,"jsonrpc":"2.0"}""",
            Shown.Of(await stream.Next()));
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Clients_of_earlier_protocols_cannot_listen_and_those_of_this_one_cannot_subscribe(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);
        var older = await servers.Of(transport, Ways.Sessions);

        var listened = await Assert.ThrowsAsync<ModelContextProtocol.McpProtocolException>(() => older.Send("subscriptions/listen", System.Text.Json.Nodes.JsonNode.Parse("""{"notifications":{}}""")));
        var subscribed = await client.Ask("resources/subscribe", new() { ["uri"] = $"thread://{Nobodys}" });

        Assert.Equal(ModelContextProtocol.McpErrorCode.MethodNotFound, listened.ErrorCode);
        Assert.Equal(-32601, subscribed.GetProperty("error").GetProperty("code").GetInt32());
    }

    private static async Task<string> Pending(ModernClient client) =>
        (await client.Do("calculator", new { message = "divide 3 by 4" })).GetProperty("thread_id").GetString()!;
}
