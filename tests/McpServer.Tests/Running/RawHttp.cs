using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentMcp.Server.Tests.Running;

/// <summary>Posts messages as they are, with the headers of one era of the protocol.</summary>
public sealed class RawHttp : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly Uri _url;
    private string? _session;

    private RawHttp(Uri url, string protocol) => (_url, Protocol) = (url, protocol);

    public string Protocol { get; }

    /// <summary>The session; null of 2026-07-28, which has none.</summary>
    public string? Id => _session;

    public static RawHttp Newest(Uri url) => new(url, Ways.Newest);

    public static async Task<RawHttp> Session(Uri url, string capabilities = "{}")
    {
        var client = new RawHttp(url, Ways.Sessions);
        using var answer = await client.Post(RawStdio.Hello("1", capabilities));
        client._session = answer.Headers.GetValues("Mcp-Session-Id").Single();
        await client.Post("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return client;
    }

    /// <param name="drop">When it ends, the connection is dropped.</param>
    public async Task<JsonElement> Call(int id, string tool, object arguments, Task? drop = null)
    {
        var parameters = new JsonObject { ["name"] = tool, ["arguments"] = JsonSerializer.SerializeToNode(arguments) };
        if (Protocol == Ways.Newest)
        {
            parameters["_meta"] = new JsonObject
            {
                ["io.modelcontextprotocol/protocolVersion"] = Protocol,
                ["io.modelcontextprotocol/clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
                ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject(),
            };
        }

        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = "tools/call", ["params"] = parameters };
        using var answer = await Post(message.ToJsonString(), "tools/call", request => request.Headers.Add("Mcp-Name", tool), drop);
        return await Message(answer);
    }

    /// <summary>The one message of an answer, which always comes as an event stream.</summary>
    public static async Task<JsonElement> Message(HttpResponseMessage answer) => JsonElement.Parse(
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n').Last(line => line.StartsWith("data: {", StringComparison.Ordinal))["data: ".Length..]);

    public Task<HttpResponseMessage> Post(string body, string? method = null, Action<HttpRequestMessage>? change = null, Task? drop = null) =>
        Send(HttpMethod.Post, request =>
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            if (Protocol == Ways.Newest && method is not null)
            {
                request.Headers.Add("Mcp-Method", method);
            }

            change?.Invoke(request);
        }, drop);

    public async Task<HttpResponseMessage> Send(HttpMethod method, Action<HttpRequestMessage>? change = null, Task? drop = null)
    {
        using var request = new HttpRequestMessage(method, _url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("MCP-Protocol-Version", Protocol);
        if (_session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", _session);
        }

        change?.Invoke(request);
        using var dropped = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var answer = _http.SendAsync(request, dropped.Token);
        if (drop is not null && await Task.WhenAny(answer, drop) == drop)
        {
            await dropped.CancelAsync();
        }

        return await answer;
    }

    public void Dispose() => _http.Dispose();
}
