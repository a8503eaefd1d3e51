using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Subscriptions;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Tasks;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Subscriptions;

/// <summary>It is one of those that a client follows, and nothing of the others.</summary>
public sealed class A_thread_that_cannot_be_read
{
    [Fact]
    public async Task Ends_no_subscription_of_its_session_and_is_told_that_it_moved()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database, Ways.Sessions);
        var told = Channel.CreateUnbounded<JsonNode?>();
        await using var listening = server.Client.RegisterNotificationHandler(NotificationMethods.ResourceUpdatedNotification,
            (notification, cancellation) => told.Writer.WriteAsync(notification.Params, cancellation));
        var (damaged, other) = (await Pending(server), await Pending(server));
        foreach (var thread in new[] { damaged, other })
        {
            await server.Client.SubscribeToResourceAsync($"thread://{thread}", cancellationToken: TestContext.Current.CancellationToken);
        }

        ForeignEvent.Append(folder.Database, damaged);
        var first = await Next();
        await server.Do("cancel_thread", new { thread_id = other });
        var second = await Next();
        await server.Client.SubscribeToResourceAsync($"thread://{damaged}/transcript", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([$"thread://{damaged}", $"thread://{other}"], [first, second]);

        async Task<string> Next() => (await told.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1)))!["uri"]!.GetValue<string>();
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Keeps_no_stream_from_listening_to_others(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await ModernClient.Start(transport, folder.Database);
        var (damaged, other) = (await Pending(client), await Pending(client));
        ForeignEvent.Append(folder.Database, damaged);

        var stream = await client.Listen($$"""{"resourceSubscriptions":["thread://{{damaged}}","thread://{{other}}"]}""");
        var granted = (await stream.Next()).GetProperty("params").GetProperty("notifications").GetProperty("resourceSubscriptions").GetRawText();
        await client.Do("cancel_thread", new { thread_id = other });

        Assert.Equal($$"""["thread://{{damaged}}","thread://{{other}}"]""", granted);
        Assert.Equal($"thread://{other}", (await stream.Next()).GetProperty("params").GetProperty("uri").GetString());
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task For_its_page_is_damaged_keeps_no_stream_from_listening_to_other_tasks(Transport transport)
    {
        using var folder = new TestFolder();
        var threads = (await One_thread_that_cannot_be_read.Stored(folder.Database, 40, "local")).Select(id => id.Value).Order(StringComparer.Ordinal).ToList();
        var (other, damaged) = (threads[0], DamagedPage.Of(folder.Database, threads.Skip(20)));
        await using var client = await ModernClient.Start(transport, folder.Database);

        var stream = await client.Listen($$"""{"taskIds":["{{damaged}}","{{other}}"]}""", ModernClient.WithTasks);
        var granted = (await stream.Next()).GetProperty("params").GetProperty("notifications").GetProperty("taskIds").GetRawText();
        var told = new[] { Told(await stream.Next()), Told(await stream.Next()) };
        await client.Do("cancel_thread", new { thread_id = other });

        Assert.Equal($$"""["{{damaged}}","{{other}}"]""", granted);
        Assert.Equal([$"{damaged} failed", $"{other} completed"], told);
        Assert.Equal($"{other} cancelled", Told(await stream.Next()));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    public async Task For_its_definition_is_broken_keeps_no_stream_from_listening_to_other_tasks(string definition)
    {
        using var folder = new TestFolder();
        var broken = await UnderDefinition(folder.Database, definition);
        await using var client = await ModernClient.Start(Transport.Stdio, folder.Database);
        var other = await Pending(client);

        var stream = await client.Listen($$"""{"taskIds":["{{broken}}","{{other}}"]}""", ModernClient.WithTasks);
        await stream.Next();
        var told = new[] { Told(await stream.Next()), Told(await stream.Next()) };
        await client.Do("cancel_thread", new { thread_id = other });

        Assert.Equal([$"{broken} failed", $"{other} completed"], told);
        Assert.Equal($"{other} cancelled", Told(await stream.Next()));
        Assert.StartsWith("""{"code":-32603,"message":"The thread's log cannot be read. The definition sha256:old that it runs under cannot be read""",
            (await client.Get(broken, ModernClient.WithTasks)).GetProperty("result").GetProperty("error").GetRawText().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_a_moment_is_told_at_the_next_glance()
    {
        using var folder = new TestFolder();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var core = new Core(Settings.Load(new Dictionary<string, string?> { ["db"] = folder.Database, ["model"] = "rules" }), NullLoggerFactory.Instance, clock);
        using var owner = new Owner(core.Database);
        using var store = new ThreadStore(core.Database, owner);
        var thread = ThreadId.New(clock.GetUtcNow());
        await store.Start(thread, new ThreadStarted(clock.GetUtcNow(), "calculator", "sha256:none", JsonText.Parse("{}"), "local", "stdio", "message_received"), null, takeLease: false);
        var threads = new ThreadWatch(core);
        using var watch = threads.Open();
        var locked = true;
        var uris = new ThreadUris(watch, _ => locked ? throw new DatabaseException("locked") : []);
        var granted = uris.Add([$"thread://{thread}"], ids => core.Index.VersionsOf(ids));

        clock.Advance(ThreadWatch.Glance);
        var missed = uris.Of(Assert.Single((await watch.Next(TestContext.Current.CancellationToken)).Threads));
        locked = false;
        clock.Advance(ThreadWatch.Glance);
        var told = uris.Of(Assert.Single((await watch.Next(TestContext.Current.CancellationToken)).Threads));
        clock.Advance(ThreadWatch.Glance);

        Assert.Equal([$"thread://{thread}"], granted);
        Assert.Empty(missed);
        Assert.Equal([$"thread://{thread}"], told);
        Assert.False(watch.Next(TestContext.Current.CancellationToken).IsCompleted);
    }

    private static string Told(JsonElement message) =>
        message.GetProperty("params") is var task ? $"{task.GetProperty("taskId").GetString()} {task.GetProperty("status").GetString()}" : "";

    // It waits for its caller's model, whose prompt is made of what the agent was when the thread began.
    private static async Task<string> UnderDefinition(string path, string definition)
    {
        using var database = Database.Open(path);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var (now, thread) = (DateTimeOffset.UnixEpoch, ThreadId.New(DateTimeOffset.UnixEpoch));
        await store.Start(ThreadLog.Of(thread,
        [
            new ThreadStarted(now, "calculator", "sha256:old", JsonText.Parse("""{"message":"divide 3 by 4"}"""), "local", "stdio", "message_received"),
            new RequestOpened(now, RequestKind.NextStep, "Which step?"),
        ]), idempotencyKey: null, takeLease: false);
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var change = connection.CreateCommand();
        change.CommandText = "PRAGMA ignore_check_constraints = ON; INSERT INTO definitions (hash, data) VALUES ('sha256:old', $1)";
        change.Parameters.AddWithValue("$1", definition);
        change.ExecuteNonQuery();
        return thread.Value;
    }

    private static async Task<string> Pending(RunningServer server) => (await server.Do("calculator", new { message = "divide 3 by 4" })).ThreadId;

    private static async Task<string> Pending(ModernClient client) =>
        (await client.Do("calculator", new { message = "divide 3 by 4" })).GetProperty("thread_id").GetString()!;
}
