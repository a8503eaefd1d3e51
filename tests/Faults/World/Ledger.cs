using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Faults.World;

/// <param name="Arguments">As they arrived.</param>
internal sealed record Posted(string Kind, string Key, int Attempt, string Arguments);

/// <summary>
/// Somebody else's service, which keeps a note of every call. It honours keys for <c>put</c> only, and counts the rest
/// as often as it is called. It is an MCP server too, whose one tool honours keys.
/// </summary>
internal sealed class Ledger : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, List<Posted>> _posted = new();
    private readonly Dictionary<string, int> _closed = [];
    private readonly Lock _lock = new();
    private readonly WebApplication _app;
    private int _looks;

    public Ledger(Pulse pulse)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        McpServerPrimitiveCollection<McpServerTool> tools =
            [McpServerTool.Create((RequestContext<CallToolRequestParams> request, string item) => Stamp(request, item, pulse), new() { Name = "stamp" })];
        builder.Services.Configure<McpServerOptions>(options => options.ToolCollection = tools);
        builder.Services.AddMcpServer().WithHttpTransport(http => http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients);
        _app = builder.Build();
        _app.MapMcp("/mcp");
        _app.MapGet("/look", () => $"{Interlocked.Increment(ref _looks)}");
        _app.MapPost("/effect/{kind}", async (HttpRequest request, string kind) =>
        {
            using var reader = new StreamReader(request.Body);
            var arguments = await reader.ReadToEndAsync();
            pulse.Beat();
            return Take(new(kind, request.Headers["Idempotency-Key"]!, int.Parse(request.Headers["Attempt"]!, CultureInfo.InvariantCulture), arguments));
        });
        _app.MapPost("/v1/chat/completions", async (HttpRequest request) =>
        {
            pulse.Beat();
            return await PlayedModel.Answer(request);
        });
        _app.Start();
    }

    public Uri Url => new(_app.Urls.First());

    public IEnumerable<string> Keys => _posted.Keys;

    /// <summary>What was done under this key, each time it was.</summary>
    public IReadOnlyList<Posted> Of(string key)
    {
        lock (_lock)
        {
            return _posted.TryGetValue(key, out var list) ? [.. list] : [];
        }
    }

    /// <summary>
    /// How often it was done, once and for all: a call of these attempts that is still on its way is turned away from
    /// now on. What a person asks before saying that it did not happen.
    /// </summary>
    public int Close(string key, int attempts)
    {
        lock (_lock)
        {
            _closed[key] = attempts;
            return Of(key).Count;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private string Stamp(RequestContext<CallToolRequestParams> request, string item, Pulse pulse)
    {
        pulse.Beat();
        Take(new("stamp", request.Params.Meta!["agentmcp/idempotency_key"]!.ToString(), int.MaxValue, JsonSerializer.Serialize(new { item })));
        return $"stamped {item}";
    }

    private IResult Take(Posted posted)
    {
        lock (_lock)
        {
            if (posted.Attempt <= _closed.GetValueOrDefault(posted.Key))
            {
                return Results.Text("too late", statusCode: StatusCodes.Status409Conflict);
            }

            _posted.GetOrAdd(posted.Key, _ => []).Add(posted);
        }

        return Results.Text(posted.Kind);
    }
}
