using System.Text.Json.Nodes;
using System.Threading.Channels;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Subscriptions;

/// <summary><c>resources/subscribe</c> of the protocols before 2026-07-28, through the official client.</summary>
public sealed class Subscribing
{
    [Theory]
    [InlineData(Transport.Stdio, "2025-11-25")]
    [InlineData(Transport.Http, "2025-11-25")]
    [InlineData(Transport.Stdio, "2025-06-18")]
    [InlineData(Transport.Http, "2024-11-05")]
    public async Task A_thread_is_followed_until_its_resource_is_unsubscribed(Transport transport, string protocol)
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(transport, folder.Database, protocol);
        var told = Channel.CreateUnbounded<JsonNode?>();
        await using var listening = server.Client.RegisterNotificationHandler(NotificationMethods.ResourceUpdatedNotification,
            (notification, cancellation) => told.Writer.WriteAsync(notification.Params, cancellation));
        var (one, other) = (await Pending(server), await Pending(server));
        foreach (var uri in new[] { $"thread://{one}", $"thread://{one}/transcript", $"thread://{other}/output" })
        {
            await server.Client.SubscribeToResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken);
        }

        await server.Client.UnsubscribeFromResourceAsync($"thread://{one}/transcript", cancellationToken: TestContext.Current.CancellationToken);
        await server.Do("cancel_thread", new { thread_id = one });
        var first = await Next();
        await server.Client.UnsubscribeFromResourceAsync($"thread://{one}", cancellationToken: TestContext.Current.CancellationToken);
        await server.Do("cancel_thread", new { thread_id = other });
        var second = await Next();

        Assert.Equal([$$"""{"uri":"thread://{{one}}"}""", $$"""{"uri":"thread://{{other}}/output"}"""], [first, second]);
        Assert.False(told.Reader.TryRead(out _));

        async Task<string> Next() => (await told.Reader.ReadAsync(TestContext.Current.CancellationToken))!.ToJsonString();
    }

    [Theory]
    [Trait("Accepts", "F11.1")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task What_another_process_on_the_same_database_does_is_told_too(Transport transport)
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(transport, folder.Database, Ways.Sessions);
        await using var beside = await RunningServer.Start(Transport.Stdio, folder.Database);
        var told = Channel.CreateUnbounded<JsonNode?>();
        await using var listening = server.Client.RegisterNotificationHandler(NotificationMethods.ResourceUpdatedNotification,
            (notification, cancellation) => told.Writer.WriteAsync(notification.Params, cancellation));
        var thread = await Pending(beside);
        await server.Client.SubscribeToResourceAsync($"thread://{thread}", cancellationToken: TestContext.Current.CancellationToken);

        await beside.Do("cancel_thread", new { thread_id = thread });

        Assert.Equal($$"""{"uri":"thread://{{thread}}"}""", (await told.Reader.ReadAsync(TestContext.Current.CancellationToken))!.ToJsonString());
    }

    [Theory]
    [Trait("Accepts", "D.6")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Whoever_follows_a_root_is_told_when_only_a_child_moves(Transport transport)
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(transport, folder.Database, Ways.Sessions);
        var told = Channel.CreateUnbounded<JsonNode?>();
        await using var listening = server.Client.RegisterNotificationHandler(NotificationMethods.ResourceUpdatedNotification,
            (notification, cancellation) => told.Writer.WriteAsync(notification.Params, cancellation));
        var root = await server.Do("invoke_agent", new { agent = "side_by_side", input = new { calls = new[] { new { agent = "calculator", input = new { message = "divide 3 by 4" } } } } });
        foreach (var uri in new[] { $"thread://{root.ThreadId}/transcript", $"thread://{root.ThreadId}" })
        {
            await server.Client.SubscribeToResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken);
        }

        // Turned down, the calculator asks again; the root has nothing to write down.
        var child = root.Json.GetProperty("requests")[0].GetProperty("path")[1].GetString();
        Assert.Equal("pending", (await server.Do("resume_thread", new { thread_id = child, approved = false, comment = "use 5" })).Status);

        Assert.Equal($$"""{"uri":"thread://{{root.ThreadId}}"}""", (await told.Reader.ReadAsync(TestContext.Current.CancellationToken))!.ToJsonString());
        Assert.Equal(root.Version, (await server.Do("get_thread", new { thread_id = root.ThreadId })).Version);
    }

    [Fact]
    [Trait("Accepts", "D.6")]
    public async Task Whoever_follows_a_root_is_told_also_when_the_child_itself_is_followed_no_more()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database, Ways.Sessions);
        var told = Channel.CreateUnbounded<JsonNode?>();
        await using var listening = server.Client.RegisterNotificationHandler(NotificationMethods.ResourceUpdatedNotification,
            (notification, cancellation) => told.Writer.WriteAsync(notification.Params, cancellation));
        var root = await server.Do("invoke_agent", new { agent = "side_by_side", input = new { calls = new[] { new { agent = "calculator", input = new { message = "divide 3 by 4" } } } } });
        var child = root.Json.GetProperty("requests")[0].GetProperty("path")[1].GetString();
        await server.Client.SubscribeToResourceAsync($"thread://{root.ThreadId}", cancellationToken: TestContext.Current.CancellationToken);
        await server.Client.SubscribeToResourceAsync($"thread://{child}", cancellationToken: TestContext.Current.CancellationToken);

        await server.Client.UnsubscribeFromResourceAsync($"thread://{child}", cancellationToken: TestContext.Current.CancellationToken);
        await server.Do("resume_thread", new { thread_id = child, approved = false, comment = "use 5" });

        Assert.Equal($$"""{"uri":"thread://{{root.ThreadId}}"}""",
            (await told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken))!.ToJsonString());
    }

    [Fact]
    public async Task A_session_that_is_deleted_takes_its_subscriptions_with_it()
    {
        using var folder = new TestFolder();
        using var process = RunningServer.Launch(["http", "--port", "0", "--verbose"], folder.Database, readErrors: true);
        var url = new Uri((await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[^1]);
        var ended = Task.Run(async () =>
        {
            while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (line.Contains("The subscriptions of a session have ended", StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        });
        try
        {
            using var client = await RawHttp.Session(url);
            var thread = (await client.Call(2, "calculator", new { message = "divide 3 by 4" })).GetProperty("result").GetProperty("structuredContent").GetProperty("thread_id").GetString();
            using var subscribed = await client.Post($$$"""{"jsonrpc":"2.0","id":3,"method":"resources/subscribe","params":{"uri":"thread://{{{thread}}}"}}""");
            Assert.Equal("{}", (await RawHttp.Message(subscribed)).GetProperty("result").GetRawText());

            using var deleted = await client.Send(HttpMethod.Delete);

            Assert.True(await ended);
        }
        finally
        {
            process.Kill();
        }
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Only_threads_that_are_there_can_be_subscribed_to(Transport transport)
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(transport, folder.Database, Ways.Sessions);
        const string nobodys = "thread://thr_00000000000000000000000000000000";

        foreach (var uri in new[] { nobodys, "agent://calculator", "file:///etc/passwd" })
        {
            var refused = await Assert.ThrowsAsync<McpProtocolException>(() =>
                server.Client.SubscribeToResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken));
            Assert.Equal((McpErrorCode.ResourceNotFound,
                    $"Request failed (remote): {uri} cannot be subscribed to. Threads can (thread://..., with /transcript or /output), where they exist, and 256 of them at once."),
                (refused.ErrorCode, refused.Message));
        }

        await server.Client.UnsubscribeFromResourceAsync(nobodys, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static async Task<string> Pending(RunningServer server) => (await server.Do("calculator", new { message = "divide 3 by 4" })).ThreadId;
}
