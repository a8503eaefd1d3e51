using System.Collections.Concurrent;
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

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>
/// A server of somebody else, over HTTP: <c>stamp</c> has an effect that is counted, under the key it is given, and
/// <c>paint</c> asks for a colour first. Beside it the model of the tests' agents, which hands tasks down and results up.
/// </summary>
internal sealed class Ledger : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _stamps = new();
    private readonly WebApplication _app;

    /// <param name="port">The port of one before it, whose place it takes; 0 for any.</param>
    public Ledger(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        McpServerPrimitiveCollection<McpServerTool> tools =
        [
            McpServerTool.Create((RequestContext<CallToolRequestParams> request, string item) => Stamp(request, item), new() { Name = "stamp" }),
            McpServerTool.Create((RequestContext<CallToolRequestParams> request) => Paint(request), new() { Name = "paint" }),
        ];
        builder.Services.Configure<McpServerOptions>(options => options.ToolCollection = tools);
        builder.Services.AddMcpServer().WithHttpTransport(http => http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients);
        _app = builder.Build();
        _app.MapMcp("/mcp");
        _app.MapPost("/v1/chat/completions", Answer);
        _app.Start();
    }

    public string Url => _app.Urls.First() + "/mcp";

    public string Model => _app.Urls.First() + "/v1";

    /// <summary>What was stamped, by the key of the call, and how often it was tried.</summary>
    public IReadOnlyDictionary<string, int> Stamps => _stamps;

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private string Stamp(RequestContext<CallToolRequestParams> request, string item)
    {
        _stamps.AddOrUpdate(request.Params.Meta!["agentmcp/idempotency_key"]!.ToString(), 1, (_, tries) => tries + 1);
        return $"stamped {item}";
    }

    private static string Paint(RequestContext<CallToolRequestParams> request)
    {
        if (request.Params.InputResponses?.TryGetValue("colour", out var given) is not true)
        {
            throw new InputRequiredException(new Dictionary<string, InputRequest>
            {
                ["colour"] = InputRequest.ForElicitation(new ElicitRequestParams
                {
                    Message = "Which colour?",
                    RequestedSchema = new() { Properties = { ["colour"] = new ElicitRequestParams.StringSchema() }, Required = ["colour"] },
                }),
            }, "the wall");
        }

        var said = given.Deserialize(InputResponse.ElicitResultJsonTypeInfo)!;
        return said.IsAccepted ? $"{request.Params.RequestState} is {said.Content!["colour"]}" : $"{request.Params.RequestState} stays as it is: {said.Action}";
    }

    private static async Task Answer(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var next = body.Contains("You are chief.", StringComparison.Ordinal) ? "boss" : body.Contains("You are boss.", StringComparison.Ordinal) ? "far.worker" : "ledger.stamp";
        var step = body.Contains("stamped", StringComparison.Ordinal) ? JsonSerializer.Serialize(new { intent = "done_for_now", message = "stamped" })
            : next == "ledger.stamp" ? JsonSerializer.Serialize(new { intent = next, item = "it" })
            : JsonSerializer.Serialize(new { intent = next, message = "do it" });
        await context.Response.WriteAsJsonAsync(new
        {
            id = "1",
            @object = "chat.completion",
            created = 0,
            model = "played",
            choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = step } } },
            usage = new { prompt_tokens = 10, completion_tokens = 2, total_tokens = 12 },
        }, context.RequestAborted);
    }
}
