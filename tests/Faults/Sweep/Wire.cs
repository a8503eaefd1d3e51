using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace AgentMcp.Faults.Sweep;

/// <summary>The server died before it answered; whatever was asked of it may have been done or not.</summary>
internal sealed class GoneException(Exception? inner = null) : Exception("The server is gone.", inner);

/// <summary>As little client as there can be: what came back is what is recorded. Protocol 2026-07-28.</summary>
internal abstract class Wire : IDisposable
{
    private const string Meta =
        """ "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"sweep","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}""";

    private long _id;

    /// <summary>The result of a tool call.</summary>
    /// <exception cref="GoneException">No answer came.</exception>
    public async Task<JsonElement> Call(string tool, object arguments)
    {
        var id = Interlocked.Increment(ref _id);
        var answer = await Exchange(id, tool, $$"""
            {"jsonrpc":"2.0","id":{{id}},"method":"tools/call","params":{"name":"{{tool}}","arguments":{{JsonSerializer.Serialize(arguments)}},{{Meta}} } }
            """);
        return JsonElement.Parse(answer) is var message && message.TryGetProperty("result", out var result)
            ? result
            : throw new InvalidDataException($"{tool} was answered with {answer}");
    }

    public abstract void Dispose();

    protected abstract Task<string> Exchange(long id, string tool, string message);
}

internal sealed class StdioWire : Wire
{
    private readonly Process _process;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<string>> _waiting = new();
    private readonly Lock _writing = new();
    private bool _ended;

    public StdioWire(Process process)
    {
        _process = process;
        // It waits for lines all its life, which no thread of the pool should.
        _ = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public override void Dispose() => _process.StandardInput.Close();

    protected override Task<string> Exchange(long id, string tool, string message)
    {
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            lock (_writing)
            {
                if (_ended)
                {
                    throw new GoneException();
                }

                _waiting[id] = answer;
                _process.StandardInput.Write(message + "\n");
                _process.StandardInput.Flush();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new GoneException(e);
        }

        return answer.Task;
    }

    private void Read()
    {
        // A line that the kill cut short has no end, so it is not JSON and answers nothing.
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line.EndsWith('}') && Id(line) is { } id && _waiting.TryRemove(id, out var answer))
            {
                answer.SetResult(line);
            }
        }

        lock (_writing)
        {
            _ended = true;
        }

        foreach (var unanswered in _waiting.Values)
        {
            unanswered.TrySetException(new GoneException());
        }
    }

    private static long? Id(string line)
    {
        try
        {
            return JsonElement.Parse(line).TryGetProperty("id", out var id) ? id.GetInt64() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed class HttpWire(Uri url) : Wire
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(3) };

    public override void Dispose() => _http.Dispose();

    protected override async Task<string> Exchange(long id, string tool, string message)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(message, Encoding.UTF8, "application/json") };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", tool);
        try
        {
            using var response = await _http.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            return body.Split('\n').FirstOrDefault(line => line.StartsWith("data: ", StringComparison.Ordinal))?[6..]
                ?? (body.StartsWith('{') ? body : throw new GoneException());
        }
        // The last is what HttpClient lets through of a server that died while it was being connected to.
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException or SocketException)
        {
            throw new GoneException(e);
        }
    }
}
