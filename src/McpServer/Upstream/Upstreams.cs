using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using Microsoft.Extensions.Logging;
using Described = ModelContextProtocol.Protocol.Tool;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// The MCP servers of the configuration and their tools as ours. A server is started by the first thread that needs it;
/// none is by serving. Thread-safe.
/// </summary>
internal sealed class Upstreams : IToolServers, IAsyncDisposable
{
    // The process that holds a call looks every two seconds for what can go on; one that hangs is waited for no longer.
    private static readonly TimeSpan ToBeTaken = TimeSpan.FromSeconds(30);
    private static readonly JsonText AnyObject = JsonText.Parse("""{"type":"object"}""");
    private readonly SortedDictionary<string, UpstreamServer> _servers = new(StringComparer.Ordinal);
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;
    private readonly Owner? _owner;
    private readonly ILogger _logger;

    /// <param name="owner">This process among those of the database; null where no threads run.</param>
    public Upstreams(IEnumerable<UpstreamSettings> settings, TimeSpan startTimeout, TimeSpan callTimeout, TimeProvider clock, ILoggerFactory logs, Owner? owner = null)
    {
        (_timeout, _clock, _owner, _logger) = (callTimeout, clock, owner, logs.CreateLogger<RemoteAgent>());
        foreach (var one in settings)
        {
            _servers[one.Name] = new(one, startTimeout, clock, logs);
        }
    }

    public IReadOnlyList<string> Names => [.. _servers.Keys];

    public IEnumerable<UpstreamServer> All => _servers.Values;

    public async Task<IReadOnlyList<OfferedTool>> ToolsOf(string server, CancellationToken cancellation = default)
    {
        var upstream = Find(server);
        var described = await upstream.Tools(cancellation).ConfigureAwait(false);
        return await upstream.HasAgents(cancellation).ConfigureAwait(false)
            ? [.. described.Where(RemoteAgents.IsAgent).Select(tool => OfferAgent(upstream, tool))]
            : [.. described.Select(tool => Offer(upstream, tool))];
    }

    // What was agreed on when the thread began is stored with it; what only trust allowed holds while there is trust.
    public Tool Recall(ServerTool origin)
    {
        var tool = origin.IsAgent ? Agent(origin, "", AnyObject) : Calling(origin, "", AnyObject, Effect.Effectful);
        return _servers.TryGetValue(origin.Server, out var server)
            ? tool with { Route = server.Settings.Trust ? Route.Run : Route.Approve }
            : Unknown(tool, origin) with { IsGone = true, Route = Route.Approve };
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_servers.Values.Select(server => server.DisposeAsync().AsTask())).ConfigureAwait(false);

    private OfferedTool Offer(UpstreamServer server, Described tool)
    {
        var (schema, problem) = ForeignSchema.Of(JsonText.From(tool.InputSchema));
        var (effect, route) = Hints.Of(tool.Annotations, server.Settings.Trust);
        var offered = Calling(new(server.Settings.Name, tool.Name), tool.Description ?? tool.Title ?? "", schema ?? AnyObject, effect);
        return new(offered with { Route = route }, problem);
    }

    private OfferedTool OfferAgent(UpstreamServer server, Described tool)
    {
        var (schema, problem) = ForeignSchema.Of(RemoteAgents.Input(tool));
        var (_, route) = Hints.Of(tool.Annotations, server.Settings.Trust);
        return new(Agent(new(server.Settings.Name, tool.Name, IsAgent: true), tool.Description ?? "", schema ?? AnyObject) with { Route = route }, problem);
    }

    // However often it is repeated there is one thread there, so it is never given up and leaves no doubt.
    private Tool Agent(ServerTool origin, string description, JsonText arguments) =>
        new(origin.Name, description, arguments, Effect.Idempotent, (call, cancellation) => Remote(origin).Run(call, cancellation))
        {
            From = origin,
            // It looks after the time itself: past it the call waits, and does not fail.
            Timeout = Timeout.InfiniteTimeSpan,
            Attempts = int.MaxValue,
            Elsewhere = new((call, cancellation) => Remote(origin).Moved(call, cancellation), (call, cancellation) => Remote(origin).End(call, cancellation)),
        };

    private RemoteAgent Remote(ServerTool origin) => new(Find(origin.Server), origin, _timeout, _clock, _logger);

    private Tool Calling(ServerTool origin, string description, JsonText arguments, Effect effect) =>
        new(origin.Name, description, arguments, effect, (call, cancellation) => Of(origin).Run(call, cancellation))
        {
            From = origin,
            Timeout = _timeout,
            Elsewhere = new((call, cancellation) => Of(origin).Moved(call, cancellation), (call, cancellation) => End(origin, call, cancellation), FromTheStart: false)
            {
                IsLeft = call => IsHeldElsewhere(origin, call, out var since) && _clock.GetUtcNow() - since < ToBeTaken,
            },
        };

    // Another process on the database may know the server, and is given the time to go on with what was said. What nobody
    // went on with is under way there, and may have happened.
    private Tool Unknown(Tool tool, ServerTool origin) => tool with
    {
        Elsewhere = tool.Elsewhere! with { IsLeft = call => call.Relayed?.Answer is { } answer && _clock.GetUtcNow() - answer.At < ToBeTaken },
        Run = (call, cancellation) => call is { Relayed: not null, Effect: Effect.Effectful }
            ? throw new OutcomeUnknownException($"It is under way at the MCP server '{origin.Server}', which is not configured here.")
            : tool.Run(call, cancellation),
    };

    private UpstreamTool Of(ServerTool origin) => new(Find(origin.Server), origin, _owner?.Id);

    private Task End(ServerTool origin, ToolCall call, CancellationToken cancellation) => IsHeldElsewhere(origin, call, out _)
        ? throw new HeldElsewhereException("another process holds the call, and is left to end it")
        : Of(origin).End(call, cancellation);

    // A call that is held open cannot be handed over: what was said is for the process that holds it, as long as there is one.
    private bool IsHeldElsewhere(ServerTool origin, ToolCall call, out DateTimeOffset? since)
    {
        var at = UpstreamState.Of(call.Relayed);
        since = call.Relayed?.Answer?.At ?? at.Until;
        return at is { Held: true, Holder: { } holder } && holder != _owner?.Id && _owner?.IsThere(holder) == true;
    }

    private UpstreamServer Find(string server) => _servers.TryGetValue(server, out var found) ? found
        : throw new ToolException($"no MCP server '{server}' is configured{(_servers.Count == 0 ? "" : $"; there are {string.Join(", ", _servers.Keys)}")}");
}
