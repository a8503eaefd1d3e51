using System.Text.Json.Nodes;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tools;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// The one connection of this process to another MCP server. It is made when first needed and made again after it
/// broke, each time a little later. Nothing the server prints gets further than our log. Thread-safe.
/// </summary>
internal sealed class UpstreamServer(UpstreamSettings settings, TimeSpan startTimeout, TimeProvider clock, ILoggerFactory logs) : IAsyncDisposable
{
    private const double LongestPause = 30;
    private static readonly TimeSpan HoldFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ILogger _logger = logs.CreateLogger<UpstreamServer>();
    private readonly ServerWords _words = new(settings);
    private McpClient? _client;
    private (DateTimeOffset At, IReadOnlyList<Tool> Tools)? _listed;
    private (int Failures, DateTimeOffset NotBefore, string Reason) _trouble = (0, default, "");
    private bool _disposed;

    public UpstreamSettings Settings => settings;

    /// <summary>Calls under way that may ask something.</summary>
    public HeldCalls Held { get; } = new(HoldFor, clock);

    /// <summary>The server is an AgentMcp: its tools are agents, which start threads there.</summary>
    /// <exception cref="ToolException">The server cannot be reached.</exception>
    public async Task<bool> HasAgents(CancellationToken cancellation) => (await Connect(cancellation).ConfigureAwait(false)).ServerInfo?.Name == "agentmcp";

    /// <summary>What the server offers. Asked again when the last answer is some seconds old, since it may change.</summary>
    /// <exception cref="ToolException">The server cannot be reached.</exception>
    public async Task<IReadOnlyList<Tool>> Tools(CancellationToken cancellation)
    {
        if (_listed is { } known && clock.GetUtcNow() - known.At < FreshFor)
        {
            return known.Tools;
        }

        var client = await Connect(cancellation).ConfigureAwait(false);
        try
        {
            var tools = await client.ListToolsAsync(cancellationToken: cancellation).AsTask().WaitAsync(startTimeout, clock, cancellation).ConfigureAwait(false);
            _listed = (clock.GetUtcNow(), [.. tools.Select(tool => tool.ProtocolTool)]);
            return _listed.Value.Tools;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await Drop(client).ConfigureAwait(false);
            throw Unreachable(e);
        }
    }

    /// <summary>Sends a request and returns its result as it came.</summary>
    /// <exception cref="ToolException">The server refused, or could not be reached and so has done nothing.</exception>
    /// <exception cref="ConnectionLostException">It was reached, and nobody knows what it did.</exception>
    /// <param name="routing">What the request is about, where the protocol wants it beside the body too.</param>
    public async Task<JsonObject> Send(string method, JsonObject parameters, CancellationToken cancellation, string? routing = null)
    {
        var client = await Connect(cancellation).ConfigureAwait(false);
        GoAlong(parameters);
        try
        {
#pragma warning disable MCPEXP002 // how a client names a task in the header that routes the request
            JsonRpcMessageContext? context = routing is null ? null : new() { RoutingName = routing };
#pragma warning restore MCPEXP002
            var response = await client.SendRequestAsync(new JsonRpcRequest { Method = method, Params = parameters, Context = context }, cancellation).ConfigureAwait(false);
            return response.Result as JsonObject ?? [];
        }
        catch (McpProtocolException e)
        {
            throw new ToolException(_words.Clean(e.Message), e);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            await Drop(client).ConfigureAwait(false);
            throw new ConnectionLostException($"the connection to the MCP server '{settings.Name}' was lost: {_words.Clean(e.Message)}", e);
        }
    }

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

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            if (_client is { } client)
            {
                _client = null;
                await Close(client).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<McpClient> Connect(CancellationToken cancellation)
    {
        if (_client is { Completion.IsCompleted: false } alive)
        {
            return alive;
        }

        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_client is { Completion.IsCompleted: false } made)
            {
                return made;
            }

            if (clock.GetUtcNow() < _trouble.NotBefore)
            {
                throw new UnreachableException(_trouble.Reason);
            }

            if (_client is { } broken)
            {
                _client = null;
                await Close(broken).ConfigureAwait(false);
            }

            return _client = await Start(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<McpClient> Start(CancellationToken cancellation)
    {
        _words.Clear();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(startTimeout);
        try
        {
            var client = await McpClient.CreateAsync(new RawTransport(UpstreamTransport.Of(settings, line => _logger.LogDebug("{Server}: {Line}", settings.Name, _words.Hear(line))), settings.Secrets, Held.Ask), new()
            {
                ClientInfo = new() { Name = "agentmcp", Version = Hosting.Version.Current },
                InitializationTimeout = startTimeout,
                DiscoverProbeTimeout = startTimeout / 2,
            }, loggerFactory: null, limit.Token).ConfigureAwait(false);
            _logger.LogInformation("Connected to the MCP server {Server}, {Name} {Version}, protocol {Protocol}",
                settings.Name, client.ServerInfo?.Name, client.ServerInfo?.Version, client.NegotiatedProtocolVersion);
            _trouble = (0, default, "");
            return client;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var failure = limit.IsCancellationRequested ? new UnreachableException($"the MCP server '{settings.Name}' did not start within {startTimeout.TotalSeconds:0} seconds{_words.Last}", e) : Unreachable(e);
            _trouble = (_trouble.Failures + 1, clock.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(LongestPause, Math.Pow(2, _trouble.Failures - 1))), failure.Message);
            throw failure;
        }
    }

    private async Task Drop(McpClient client)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (ReferenceEquals(_client, client))
            {
                // What it offered says nothing of whether it is there.
                (_client, _listed) = (null, null);
                await Close(client).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task Close(McpClient client)
    {
        try
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // It is given up either way; how it ended is for the log.
            _logger.LogDebug("The connection to {Server} did not close cleanly: {Reason}", settings.Name, _words.Clean(e.Message));
        }
    }

    private UnreachableException Unreachable(Exception e) => new($"the MCP server '{settings.Name}' cannot be reached: {_words.Clean(e.Message)}{_words.Last}", e);
}
