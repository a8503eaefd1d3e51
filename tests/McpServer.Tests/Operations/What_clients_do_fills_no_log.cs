using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Operations;

/// <summary>The SDK and Kestrel take for faults, with a stack each, what any client can do as often as it likes.</summary>
public sealed class What_clients_do_fills_no_log(SharedServers servers)
{
    [Fact]
    public async Task A_state_that_is_refused_is_no_line()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(RunningServer.Launch(["stdio"], folder.Database, readErrors: true));
        var errors = server.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        await server.Send(Message("tools/call", """{"name":"calculator","arguments":{"message":"add 1 and 2"},"requestState":"e30.e30","inputResponses":{}}"""));
        var refused = await server.Answer("7");
        Assert.Equal(0, await server.Close());

        Assert.Equal(-32602, refused.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal("", await errors);
    }

    [Fact]
    public async Task With_all_that_is_logged_it_is_one()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(RunningServer.Launch(["stdio", "--verbose"], folder.Database, readErrors: true));
        var errors = server.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        await server.Send(Message("tools/call", """{"name":"calculator","arguments":{"message":"add 1 and 2"},"requestState":"e30.e30","inputResponses":{}}"""));
        await server.Answer("7");
        Assert.Equal(0, await server.Close());

        Assert.Contains("The requestState is not one that this server gave.", await errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_or_a_call_that_is_dropped_is_no_line()
    {
        using var folder = new TestFolder();
        using var process = RunningServer.Launch(["http", "--port", "0"], folder.Database, servers.Settings, readErrors: true);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var url = new Uri((await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[^1]);
            var held = servers.Model.Hold();
            using var session = await RawHttp.Session(url);
            using var newest = RawHttp.Newest(url);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.Call(2, "slow", new { message = held.Word, idempotency_key = "k" }, drop: held.Asked));
            var thread = (await session.Call(3, "slow", new { message = held.Word, idempotency_key = "k", wait_seconds = 0 })).GetProperty("result").GetProperty("structuredContent").GetProperty("thread_id").GetString()!;
            var waits = session.Call(4, "get_thread", new { thread_id = thread });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => newest.Call(2, "wait_thread", new { thread_id = thread }, drop: waits));
            await Drop(HttpMethod.Get, url, null, ("Accept", "text/event-stream"), ("MCP-Protocol-Version", Ways.Sessions), ("Mcp-Session-Id", session.Id!));
            await Drop(HttpMethod.Post, url, Message("subscriptions/listen", """{"notifications":{"toolsListChanged":true}}"""), ("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", Ways.Newest), ("Mcp-Method", "subscriptions/listen"));
            var secret = (await File.ReadAllTextAsync(folder.Database + "-access", TestContext.Current.CancellationToken)).Trim();
            await Drop(HttpMethod.Get, new Uri(url, $"/api/v1/threads/{thread}/events"), null, ("Accept", "text/event-stream"), ("Authorization", "Bearer " + secret));
            await Wait(new Uri(url, $"/api/v1/threads/{thread}?wait_seconds=30"), secret, until: () => session.Call(6, "get_thread", new { thread_id = thread }));
            await HalfASentence(url, until: () => session.Call(7, "get_thread", new { thread_id = thread }));
            held.Finish();
            await session.Call(5, "wait_thread", new { thread_id = thread });

            Assert.Equal(0, await RunningServer.Terminate(process));
            Assert.Equal(["started", "completed"], (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Told));
        }
        finally
        {
            process.Kill();
        }
    }

    // A line about a thread says what became of it in its seventh word; of any other line all is shown.
    private static string Told(string line) => line.Contains(" info: AgentMcp.Threads[", StringComparison.Ordinal) ? line.Split(' ')[6] : line;

    private static string Message(string method, string parameters) => new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["id"] = 7,
        ["method"] = method,
        ["params"] = new JsonObject(((JsonObject)JsonNode.Parse(parameters)!).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())))
        {
            ["_meta"] = JsonNode.Parse("""{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}}}}"""),
        },
    }.ToJsonString();

    private static async Task Wait(Uri url, string secret, Func<Task> until)
    {
        using var client = new HttpClient { DefaultRequestHeaders = { { "Authorization", "Bearer " + secret } } };
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var waits = client.GetAsync(url, gone.Token);
        await until();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
    }

    private static async Task HalfASentence(Uri url, Func<Task> until)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"), TestContext.Current.CancellationToken);
        await until();
    }

    // Once the head of the answer is there, the stream is open.
    private static async Task Drop(HttpMethod method, Uri url, string? body, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(method, url);
        if (body is not null)
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
    }
}
