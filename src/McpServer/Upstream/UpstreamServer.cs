using System.Net;
using System.Text.Json.Nodes;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tools;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace AgentMcp.Server.Upstream;

/// <summary>Another MCP server as this process uses it, over one connection that is made when needed. Thread-safe.</summary>
internal sealed class UpstreamServer : IAsyncDisposable
{
    private static readonly TimeSpan HoldFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _startTimeout;
    private readonly TimeProvider _clock;
    private readonly ServerWords _words;
    private readonly UpstreamConnection _connection;
    private Listed? _listed;

    public UpstreamServer(UpstreamSettings settings, TimeSpan startTimeout, TimeProvider clock, ILoggerFactory logs)
    {
        (Settings, _startTimeout, _clock) = (settings, startTimeout, clock);
        Held = new(HoldFor, clock);
        _words = new(settings);
        _connection = new(settings, startTimeout, _words, Held.Ask, clock, logs.CreateLogger<UpstreamServer>());
    }

    public UpstreamSettings Settings { get; }

    /// <summary>Calls under way that may ask something.</summary>
    public HeldCalls Held { get; }

    /// <summary>The server is an AgentMcp: its tools are agents, which start threads there.</summary>
    /// <exception cref="ToolException">The server cannot be reached.</exception>
    public async Task<bool> HasAgents(CancellationToken cancellation) => (await _connection.Open(cancellation).ConfigureAwait(false)).ServerInfo?.Name == "agentmcp";

    /// <summary>What the server offers. Asked again when the last answer is some seconds old, since it may change.</summary>
    /// <exception cref="ToolException">The server cannot be reached.</exception>
    public async Task<IReadOnlyList<Tool>> Tools(CancellationToken cancellation)
    {
        if (_listed is { } known && _clock.GetElapsedTime(known.At) < FreshFor)
        {
            return known.Tools;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var tools = await _connection.Request(client => client.ListToolsAsync(cancellationToken: limit.Token).AsTask().WaitAsync(_startTimeout, _clock, cancellation), Breaks, cancellation).ConfigureAwait(false);
            var listed = new Listed(_clock.GetTimestamp(), [.. tools.Select(tool => tool.ProtocolTool)]);
            _listed = listed;
            return listed.Tools;
        }
        catch (Exception e) when (e is not UnreachableException && IsTrouble(e, cancellation))
        {
            await limit.CancelAsync().ConfigureAwait(false);
            _listed = null;
            throw _connection.Unreachable(e);
        }

        bool Breaks(Exception e) => IsTrouble(e, cancellation);
    }

    /// <summary>Sends a request and returns its result as it came.</summary>
    /// <exception cref="ToolException">The server refused, or could not be reached and so has done nothing.</exception>
    /// <exception cref="UnknownThereException">It does not know what the request is about, now or later.</exception>
    /// <exception cref="RefusedThereException">It does not take this request.</exception>
    /// <exception cref="ConnectionLostException">It was reached, and nobody knows what it did.</exception>
    /// <param name="routing">What the request is about, where the protocol wants it beside the body too.</param>
    public async Task<JsonObject> Send(string method, JsonObject parameters, CancellationToken cancellation, string? routing = null)
    {
        GoAlong(parameters);
#pragma warning disable MCPEXP002 // how a client names a task in the header that routes the request
        JsonRpcMessageContext? context = routing is null ? null : new() { RoutingName = routing };
#pragma warning restore MCPEXP002
        try
        {
            var request = new JsonRpcRequest { Method = method, Params = parameters, Context = context };
            var response = await _connection.Request(client => client.SendRequestAsync(request, cancellation), Breaks, cancellation).ConfigureAwait(false);
            return response.Result as JsonObject ?? [];
        }
        catch (McpProtocolException e)
        {
            throw e.ErrorCode switch
            {
                McpErrorCode.InvalidParams or McpErrorCode.ResourceNotFound or McpErrorCode.MethodNotFound => new UnknownThereException(_words.Clean(e.Message), e),
                McpErrorCode.InvalidRequest or McpErrorCode.ParseError => new RefusedThereException(_words.Clean(e.Message), e),
                _ => new ToolException(_words.Clean(e.Message), e),
            };
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.RequestEntityTooLarge)
        {
            throw new RefusedThereException($"the MCP server '{Settings.Name}' does not take so large a request: {_words.Clean(e.Message)}", e);
        }
        catch (HttpRequestException e) when (e.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError)
        {
            throw new TurnedAwayException($"the MCP server '{Settings.Name}' turned the request away: {_words.Clean(e.Message)}", e);
        }
        catch (Exception e) when (e is not ToolException && IsTrouble(e, cancellation))
        {
            // What it offered says nothing of whether it is there.
            _listed = null;
            throw new ConnectionLostException($"the connection to the MCP server '{Settings.Name}' was lost: {_words.Clean(e.Message)}", e);
        }

        bool Breaks(Exception e) => IsTrouble(e, cancellation) && !IsAnswer(e);
    }

    private static bool IsTrouble(Exception e, CancellationToken cancellation) => e is not OperationCanceledException || !cancellation.IsCancellationRequested;

    // Then the connection is in order, but for two statuses: so a server answers of whose session it knows no more.
    private static bool IsAnswer(Exception e) => e is McpProtocolException or HttpRequestException { StatusCode: not (null or HttpStatusCode.BadRequest or HttpStatusCode.NotFound) };

    // As SEP-414 asks. Where this process traces, the SDK sends its own span.
    private static void GoAlong(JsonObject parameters)
    {
        if (CallersTrace.Carried is { } trace)
        {
            if (parameters["_meta"] is not JsonObject meta)
            {
                parameters["_meta"] = meta = [];
            }

            meta["traceparent"] = trace.Parent;
            if (trace.State is { } state)
            {
                meta["tracestate"] = state;
            }
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private sealed record Listed(long At, IReadOnlyList<Tool> Tools);
}
