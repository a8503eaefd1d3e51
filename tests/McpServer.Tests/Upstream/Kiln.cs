using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Upstream;

#pragma warning disable MCPEXP002 // the extension points a task needs are experimental in the SDK

/// <summary>A server whose one tool takes long: <c>fire</c> answers with a task, which asks for a glaze once it is hot.</summary>
internal sealed class Kiln : IAsyncDisposable
{
    private const string Extension = "io.modelcontextprotocol/tasks";
    private readonly WebApplication _app;
    private volatile string? _glaze;
    private volatile int _fired;
    private volatile int _forgotten;
    private volatile int _troubles;

    public Kiln()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        McpServerPrimitiveCollection<McpServerTool> tools = [McpServerTool.Create(() => "cold", new() { Name = "fire" })];
        builder.Services.Configure<McpServerOptions>(options => options.ToolCollection = tools);
        builder.Services.AddMcpServer(Tasks).WithHttpTransport(http => http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients);
        _app = builder.Build();
        _app.MapMcp("/mcp");
        _app.Start();
    }

    public string Url => _app.Urls.First() + "/mcp";

    public bool IsHot { get; set; }

    public bool IsCancelled { get; private set; }

    /// <summary>How many tasks there were.</summary>
    public int Fired => _fired;

    /// <summary>The tasks up to now are known no longer, as after a restart.</summary>
    public void Forget() => _forgotten = _fired;

    /// <summary>They are known again.</summary>
    public void Remember() => _forgotten = 0;

    /// <summary>The only requests that fail; null for all about a task.</summary>
    public string? Troubled { get; set; }

    /// <summary>So many of the next requests about a task fail, for a reason that passes.</summary>
    public int Troubles
    {
        get => _troubles;
        set => _troubles = value;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private void Tasks(McpServerOptions options)
    {
        options.Capabilities ??= new();
        options.Capabilities.Extensions = new Dictionary<string, object> { [Extension] = new JsonObject() };
        options.RequestHandlers ??= [];
        Handle("tasks/get", parameters => Now(parameters["taskId"]!.ToString()));
        Handle("tasks/update", parameters =>
        {
            _glaze = parameters["inputResponses"]!["glaze"]!["content"]!["glaze"]!.ToString();
            return [];
        });
        Handle("tasks/cancel", _ =>
        {
            IsCancelled = true;
            return [];
        });
        options.Filters.Request.CallToolWithAlternateFilters.Add((request, next, cancellation) =>
            request.JsonRpcRequest.Context?.ClientCapabilities?.Extensions?.ContainsKey(Extension) is true
                ? ValueTask.FromResult(ResultOrAlternate<CallToolResult>.FromAlternate(new KilnTask { ResultType = "task", TaskId = $"t{Interlocked.Increment(ref _fired)}", Status = "working" }, KilnJson.Default.KilnTask))
                : next(request, cancellation));

        void Handle(string method, Func<JsonObject, JsonObject> answer) => options.RequestHandlers.Add(new()
        {
            Method = method,
            RoutingNameParameter = "taskId",
            Handler = (request, _) =>
            {
                if (_troubles > 0 && (Troubled ?? method) == method)
                {
                    Interlocked.Decrement(ref _troubles);
                    throw new McpProtocolException("the kiln is being swept", McpErrorCode.InternalError);
                }

                var parameters = (JsonObject)request.Params!;
                var json = int.Parse(parameters["taskId"]!.ToString()[1..], CultureInfo.InvariantCulture) > _forgotten ? answer(parameters)
                    : throw new McpProtocolException($"there is no task {parameters["taskId"]}", McpErrorCode.InvalidParams);
                json.Insert(0, "resultType", "complete");
                return ValueTask.FromResult<JsonNode?>(json);
            },
        });
    }

    private JsonObject Now(string id)
    {
        var task = new JsonObject { ["taskId"] = id, ["status"] = _glaze is not null ? "completed" : IsHot ? "input_required" : "working", ["ttlMs"] = null };
        if (_glaze is not null)
        {
            task["result"] = new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = $"fired in {_glaze}" }) };
        }
        else if (IsHot)
        {
            task["inputRequests"] = new JsonObject
            {
                ["glaze"] = new JsonObject
                {
                    ["method"] = "elicitation/create",
                    ["params"] = JsonNode.Parse("""{"message":"Which glaze?","requestedSchema":{"type":"object","properties":{"glaze":{"type":"string"}},"required":["glaze"]}}"""),
                },
            };
        }

        return task;
    }
}

internal sealed class KilnTask : Result
{
    [JsonPropertyName("taskId")]
    public string? TaskId { get; set; }

    [JsonPropertyName("status")]
    public string? Status { get; set; }
}

[JsonSerializable(typeof(KilnTask))]
internal sealed partial class KilnJson : JsonSerializerContext;
