using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentMcp.Server.Tests.Apps;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace AgentMcp.Server.Tests.Limits;

/// <summary>Each limit over the wire: what is refused says which limit, its value and what to do, and leaves nothing behind.</summary>
public sealed class Every_limit_is_told(SharedServers servers) : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Of_open_threads_of_one_principal()
    {
        await using var server = await Server(("max_threads", "2"));
        var first = await server.Do("calculator", new { message = "divide 3 by 4", idempotency_key = "a" });
        await server.Do("calculator", new { message = "divide 3 by 4" });

        var refused = await server.Refusal("calculator", new { message = "divide 3 by 4" });
        var again = await server.Do("calculator", new { message = "divide 3 by 4", idempotency_key = "a" });
        await server.Do("resume_thread", new { thread_id = first.ThreadId, approved = true });
        var room = await server.Do("calculator", new { message = "add 1 and 2" });

        Assert.Equal("limit_reached: local has 2 threads that run or wait, the most one may have; nothing was started. Answer or cancel some first: list_threads with status pending shows them. (Setting max_threads)", refused);
        Assert.Equal(first.ThreadId, again.ThreadId);
        Assert.Equal("completed", room.Status);
        Assert.Equal(3, (await server.Ask("list_threads", new { })).GetProperty("threads").GetArrayLength());
    }

    [Fact]
    public async Task Of_open_threads_also_to_who_forks_them()
    {
        await using var server = await Server(("max_threads", "2"));
        var first = await server.Do("calculator", new { message = "divide 3 by 4" });
        var copy = await server.Do("fork_thread", new { thread_id = first.ThreadId, at_version = first.Version });

        var refused = await server.Refusal("fork_thread", new { thread_id = first.ThreadId, at_version = 1 });
        using var rest = await Rest(server, $"/api/v1/threads/{first.ThreadId}/fork", new { at_version = 1 });
        await server.Do("cancel_thread", new { thread_id = copy.ThreadId });
        var room = await server.Do("fork_thread", new { thread_id = first.ThreadId, at_version = 1 });

        Assert.Equal("limit_reached: local has 2 threads that run or wait, the most one may have; nothing was started. Answer or cancel some first: list_threads with status pending shows them. (Setting max_threads)", refused);
        Assert.Equal(HttpStatusCode.TooManyRequests, rest.StatusCode);
        Assert.Equal("pending", room.Status);
        Assert.Equal(3, (await server.Ask("list_threads", new { })).GetProperty("threads").GetArrayLength());
    }

    [Fact]
    public async Task Of_threads_that_run_at_once_also_to_who_forks_one()
    {
        await using var server = await Server(("max_runs", "1"));
        var waits = await server.Do("calculator", new { message = "divide 3 by 4" });
        var held = servers.Model.Hold();
        var slow = await server.Do("slow", new { message = held.Word, wait_seconds = 0 });
        await held.Asked;

        var refused = await server.Refusal("fork_thread", new { thread_id = waits.ThreadId, at_version = 1 });
        using var rest = await Rest(server, $"/api/v1/threads/{waits.ThreadId}/fork", new { at_version = 1 });
        held.Finish();
        await server.Do("wait_thread", new { thread_id = slow.ThreadId, wait_seconds = 30 });

        Assert.Equal("busy: This server runs 1 threads at once and takes no more for the moment; nothing was started. Make the same call again in a few seconds. (Setting max_runs)", refused);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (rest.StatusCode, rest.Headers.RetryAfter?.ToString()));
        Assert.Equal(2, (await server.Ask("list_threads", new { })).GetProperty("threads").GetArrayLength());
    }

    [Fact]
    public async Task Of_threads_that_run_at_once_with_when_to_come_again()
    {
        await using var server = await Server(("max_runs", "1"));
        var held = servers.Model.Hold();
        var slow = await server.Do("slow", new { message = held.Word, wait_seconds = 0 });
        await held.Asked;

        var refused = await server.Refusal("calculator", new { message = "divide 3 by 4" });
        using var rest = await Rest(server, "/api/v1/threads", new { agent = "calculator", input = new { message = "divide 3 by 4" } });
        held.Finish();
        await server.Do("wait_thread", new { thread_id = slow.ThreadId, wait_seconds = 30 });

        Assert.Equal("busy: This server runs 1 threads at once and takes no more for the moment; nothing was started. Make the same call again in a few seconds. (Setting max_runs)", refused);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (rest.StatusCode, rest.Headers.RetryAfter?.ToString()));
        Assert.Equal(1, (await server.Ask("list_threads", new { })).GetProperty("threads").GetArrayLength());
    }

    [Fact]
    public async Task Of_requests_in_a_minute_with_when_to_come_again()
    {
        await using var server = await Server(("max_calls", "20"));
        using var http = new HttpClient();
        HttpResponseMessage answer;
        var waited = Stopwatch.StartNew();
        do
        {
            Assert.True(waited.Elapsed < Bench.Patience, "All requests are taken.");
            answer = await http.GetAsync(new Uri(server.Url!, "/inbox.css"), TestContext.Current.CancellationToken);
        }
        while (answer.StatusCode == HttpStatusCode.OK);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.TooManyRequests, "limit_reached"), (answer.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Matches("^At most 20 requests a minute are taken from one principal. Nothing was done; make the same request again in [1-3] seconds. \\(Setting max_calls\\)$", problem.GetProperty("detail").GetString());
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 3);
    }

    [Fact]
    public async Task Of_events_of_a_thread()
    {
        await using var server = await Server(("max_thread_events", "10"));
        var puppet = await server.Do("puppet", new { message = "go" });
        var waited = Stopwatch.StartNew();
        while (puppet.Status == "pending")
        {
            Assert.True(waited.Elapsed < Bench.Patience, "The thread goes on.");
            puppet = await server.Do("resume_thread", new { thread_id = puppet.ThreadId, response = new { intent = "add", a = 1, b = 2 } });
        }

        Assert.Equal(("failed", "The thread has reached 10 events. Start a new one. (Setting max_thread_events)"), (puppet.Status, puppet.Json.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Of_events_of_a_thread_that_waits_which_can_still_be_answered_and_cancelled()
    {
        await using var server = await Server(("max_thread_events", "10"));
        var (answered, rejected, cancelled) = (await Full(server), await Full(server), await Full(server));

        using var rest = await Rest(server, $"/api/v1/threads/{answered}/answer", new { approved = true });
        using var no = await Rest(server, $"/api/v1/threads/{rejected}/answer", new { approved = false });
        var ended = await server.Do("cancel_thread", new { thread_id = cancelled });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, "cancelled"), (rest.StatusCode, no.StatusCode, ended.Status));
        // What is approved is done, and its result kept; the step after it finds no room.
        Assert.Equal(["request_answered", "tool_started", "tool_returned", "thread_failed: The thread has reached 10 events. Start a new one. (Setting max_thread_events)"], await After(answered));
        Assert.Equal(["request_answered", "thread_failed: The thread has reached 10 events. Start a new one. (Setting max_thread_events)"], await After(rejected));
        Assert.Equal(["thread_cancelled"], await After(cancelled));

        async Task<string[]> After(string thread)
        {
            await server.Do("wait_thread", new { thread_id = thread, wait_seconds = 30 });
            var events = (await server.Ask("get_thread", new { thread_id = thread, include_events = true })).GetProperty("events").EnumerateArray();
            return [.. events.Skip(10).Select(happened => happened.GetProperty("type").GetString() + (happened.TryGetProperty("error", out var error) ? $": {error}" : ""))];
        }
    }

    [Fact]
    public async Task Of_bytes_of_a_thread()
    {
        await using var server = await Server(("max_thread_bytes", "10000"));
        var puppet = await server.Do("puppet", new { message = new string('x', 9_000) });
        for (var i = 0; i < 20 && puppet.Status == "pending"; i++)
        {
            puppet = await server.Do("resume_thread", new { thread_id = puppet.ThreadId, response = new { intent = "add", a = 1, b = 2 } });
        }

        Assert.Equal(("failed", "The thread has reached 10000 bytes. Start a new one. (Setting max_thread_bytes)"), (puppet.Status, puppet.Json.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Of_subscriptions_of_one_principal()
    {
        await using var server = await Server(("max_subscriptions", "1"));
        await using var client = ModernClient.Of(server.Url!);
        var open = await client.Listen("""{"toolsListChanged":true}""");
        await open.Next();

        var refused = await (await client.Listen("""{"toolsListChanged":true}""")).Next();

        Assert.Equal("""{"code":-32600,"message":"local has 1 subscriptions, the most one may have; end one first. (Setting max_subscriptions)"}""", refused.GetProperty("error").GetRawText());
    }

    [Fact]
    public async Task Of_subscriptions_however_they_are_made()
    {
        await using var server = await Server(("max_subscriptions", "1"));
        var thread = $"thread://{(await server.Do("calculator", new { message = "divide 3 by 4" })).ThreadId}";
        await using var modern = ModernClient.Of(server.Url!);
        await using var other = await server.Again(Ways.Sessions);
        const string most = "local has 1 subscriptions, the most one may have; end one first. (Setting max_subscriptions)";
        var first = await server.Again(Ways.Sessions);
        await Subscribe(first, thread);
        await Subscribe(first, thread + "/transcript");

        Assert.Equal((McpErrorCode.InvalidRequest, $"Request failed (remote): {most}"), await Refused(other));
        Assert.Equal(most, (await (await modern.Listen("{}")).Next()).GetProperty("error").GetProperty("message").GetString());

        await first.Client.UnsubscribeFromResourceAsync(thread, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(McpErrorCode.InvalidRequest, (await Refused(other)).Code);
        await first.Client.UnsubscribeFromResourceAsync(thread + "/transcript", cancellationToken: TestContext.Current.CancellationToken);
        await Subscribe(other, thread);
        await other.Client.UnsubscribeFromResourceAsync(thread, cancellationToken: TestContext.Current.CancellationToken);

        // A session that ends gives up what it held, though nobody is told when.
        await Subscribe(first, thread);
        await first.DisposeAsync();
        JsonElement listened;
        var waited = Stopwatch.StartNew();
        do
        {
            Assert.True(waited.Elapsed < Bench.Patience, "What the session held is not given up.");
            listened = await (await modern.Listen("{}")).Next();
        }
        while (listened.TryGetProperty("error", out _));

        Assert.Equal(McpErrorCode.InvalidRequest, (await Refused(other)).Code);

        static Task Subscribe(RunningServer client, string uri) => client.Client.SubscribeToResourceAsync(uri, cancellationToken: TestContext.Current.CancellationToken);

        async Task<(McpErrorCode Code, string Message)> Refused(RunningServer client)
        {
            var refused = await Assert.ThrowsAsync<McpProtocolException>(() => Subscribe(client, thread));
            return (refused.ErrorCode, refused.Message);
        }
    }

    public void Dispose() => _folder.Dispose();

    private Task<RunningServer> Server(params (string Name, string Value)[] limits) =>
        RunningServer.Start(Transport.Http, _folder.Database, Ways.Newest, servers.Settings.Concat(limits.Select(limit => KeyValuePair.Create(limit.Name, limit.Value))).ToDictionary());

    /// <summary>A thread that asks a person, and whose log its client has filled by answering in the person's place.</summary>
    private static async Task<string> Full(RunningServer server)
    {
        var asks = await CardHost.Guarded(server);
        string refused;
        var waited = Stopwatch.StartNew();
        do
        {
            Assert.True(waited.Elapsed < Bench.Patience, "The thread takes every attempt.");
            refused = await server.Refusal("resume_thread", new { thread_id = asks.ThreadId, request_id = asks.RequestId, approved = true });
        }
        while (refused.StartsWith("human_required: ", StringComparison.Ordinal));

        Assert.Equal("too_large: The thread has reached 10 events. Start a new one. (Setting max_thread_events)", refused);
        return asks.ThreadId;
    }

    private async Task<HttpResponseMessage> Rest(RunningServer server, string path, object body)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url!, path)) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new("Bearer", (await File.ReadAllTextAsync(_folder.Database + "-access", TestContext.Current.CancellationToken)).Trim());
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
