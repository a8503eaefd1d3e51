using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.RawWire;

public sealed class Cancelled_notifications(SharedServers servers)
{
    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task A_stop_by_the_user_ends_the_thread_however_early_it_comes()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database, servers.Settings);
        await server.Initialize();
        var held = servers.Model.Hold();
        for (var i = 0; i < 10; i++)
        {
            await server.Call($"call {i}", "slow", new { message = held.Word });
            await server.Send(Cancel($"call {i}", "stopped by the user"));
        }

        var ended = await Until(() => Statuses(server), statuses => statuses is { Count: 10 } && !statuses.Contains("running"));

        Assert.Equal(Enumerable.Repeat("cancelled", 10), ended);
        Assert.DoesNotContain(server.Lines, line => line.GetProperty("id").GetString()!.StartsWith("call", StringComparison.Ordinal) && line.TryGetProperty("result", out _));
    }

    [Fact]
    [Trait("Accepts", "W.6")]
    public async Task A_client_that_gives_up_waiting_leaves_the_thread_running()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database, servers.Settings);
        await server.Initialize();
        var held = servers.Model.Hold();
        await server.Call("call", "slow", new { message = held.Word });
        await held.Asked;

        await server.Send(Cancel("call", "McpError: MCP error -32001: Request timed out"));
        var thread = (await Threads(server)).Single();
        held.Finish();
        var done = await server.Ask("wait", "wait_thread", new { thread_id = thread.GetProperty("thread_id").GetString() });

        Assert.Equal("completed", done.GetProperty("status").GetString());
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Over_http_a_stop_ends_the_thread_of_its_own_session_only()
    {
        var http = await servers.Of(Transport.Http, Ways.Sessions);
        using var one = await RawHttp.Session(http.Url!);
        using var other = await RawHttp.Session(http.Url!);
        var (mine, theirs) = (servers.Model.Hold(), servers.Model.Hold());
        var key = Guid.NewGuid().ToString();
        _ = one.Call(7, "slow", new { message = mine.Word, idempotency_key = key });
        var left = other.Call(7, "slow", new { message = theirs.Word });
        await mine.Asked;
        await theirs.Asked;

        await one.Post("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"stopped by the user"}}""");
        var stopped = await Until(() => http.Do("slow", new { message = mine.Word, idempotency_key = key, wait_seconds = 0 }), thread => thread.Status != "running");
        theirs.Finish();

        Assert.Equal(("cancelled", "slow was cancelled: stopped by the user"), (stopped.Status, stopped.Sentence));
        Assert.Equal("completed", (await left).GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString());
    }

    [Theory]
    [Trait("Accepts", "W.6")]
    [InlineData(Ways.Newest)]
    [InlineData(Ways.Sessions)]
    public async Task A_dropped_connection_leaves_the_thread_running_even_after_a_strangers_stop_with_the_same_request_id(string protocol)
    {
        var http = await servers.Of(Transport.Http, protocol);
        var held = servers.Model.Hold();
        var key = Guid.NewGuid().ToString();
        var drop = new TaskCompletionSource();
        using (var client = protocol == Ways.Newest ? RawHttp.Newest(http.Url!) : await RawHttp.Session(http.Url!))
        using (var stranger = RawHttp.Newest(http.Url!))
        {
            var call = client.Call(7, "slow", new { message = held.Word, idempotency_key = key }, drop.Task);
            await held.Asked;
            await stranger.Post("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"stopped by the user"}}""", "notifications/cancelled");
            drop.SetResult();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        var running = await http.Do("slow", new { message = held.Word, idempotency_key = key, wait_seconds = 0 });
        held.Finish();
        var done = await http.Do("wait_thread", new { thread_id = running.ThreadId });

        Assert.Equal(("running", "completed"), (running.Status, done.Status));
    }

    private static string Cancel(string request, string reason) => JsonSerializer.Serialize(
        new { jsonrpc = "2.0", method = "notifications/cancelled", @params = new { requestId = request, reason } });

    private static async Task<List<JsonElement>> Threads(RawStdio server) =>
        [.. (await server.Ask($"list {Guid.NewGuid()}", "list_threads", new { })).GetProperty("threads").EnumerateArray()];

    private static async Task<List<string?>> Statuses(RawStdio server) =>
        [.. (await Threads(server)).Select(thread => thread.GetProperty("status").GetString())];

    // A notification has no answer, so what it does is asked for until it is seen; the test's own timeout is the limit.
    private static async Task<T> Until<T>(Func<Task<T>> look, Func<T, bool> seen)
    {
        var found = await look();
        while (!seen(found))
        {
            await Task.Yield();
            found = await look();
        }

        return found;
    }
}
