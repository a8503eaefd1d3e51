using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace AgentMcp.Benchmarks;

/// <summary>As little client as there can be, the same for both servers, so that the servers are what is measured.</summary>
internal abstract class RawClient : IDisposable
{
    private const string Meta =
        """ "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}""";

    public abstract Task<JsonElement> Call(string tool, string arguments);

    public abstract void Dispose();

    protected static string Request(long id, string tool, string arguments) =>
        $$"""{"jsonrpc":"2.0","id":{{id}},"method":"tools/call","params":{"name":"{{tool}}","arguments":{{arguments}},{{Meta}} } }""";

    protected static JsonElement Result(string json)
    {
        var reply = JsonElement.Parse(json);
        return reply.TryGetProperty("result", out var result) && !(result.TryGetProperty("isError", out var error) && error.GetBoolean())
            ? result
            : throw new InvalidOperationException(json);
    }
}

/// <summary>Stateless Streamable HTTP, protocol 2026-07-28.</summary>
internal sealed class HttpRawClient(Uri url) : RawClient
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 });
    private long _id;

    public override async Task<JsonElement> Call(string tool, string arguments)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new StringContent(Request(Interlocked.Increment(ref _id), tool, arguments), Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", tool);
        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return Result(body.Split('\n').First(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..]);
    }

    public override void Dispose() => _http.Dispose();
}

/// <summary>JSON lines over a child's pipes, protocol 2026-07-28.</summary>
internal sealed class StdioRawClient : RawClient
{
    private readonly Process _process;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<string>> _waiting = new();
    private readonly Lock _writing = new();
    private long _id;

    public StdioRawClient(Process process)
    {
        _process = process;
        _ = Task.Run(Read);
    }

    public override async Task<JsonElement> Call(string tool, string arguments)
    {
        var id = Interlocked.Increment(ref _id);
        return Result(await Send(id, Request(id, tool, arguments)));
    }

    public Task<string> Send(long id, string request)
    {
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = done;
        lock (_writing)
        {
            _process.StandardInput.Write(request + "\n");
            _process.StandardInput.Flush();
        }

        return done.Task;
    }

    public override void Dispose() => _process.StandardInput.Close();

    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (JsonElement.Parse(line).TryGetProperty("id", out var id) && _waiting.TryRemove(id.GetInt64(), out var done))
            {
                done.SetResult(line);
            }
        }
    }
}
