using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>A server with sessions of before 2026-07-28: its tool <c>name_it</c> asks in the middle of a call, and keeps what it is told.</summary>
internal sealed class Asker : IAsyncDisposable
{
    private readonly WebApplication _app;

    public Asker()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        McpServerPrimitiveCollection<McpServerTool> tools = [McpServerTool.Create((RequestContext<CallToolRequestParams> request, CancellationToken cancellation) => Name(request.Server, cancellation), new() { Name = "name_it" })];
        builder.Services.Configure<McpServerOptions>(options => options.ToolCollection = tools);
        builder.Services.AddMcpServer().WithHttpTransport(http => http.SessionMode = HttpServerSessionMode.Stateful);
        _app = builder.Build();
        _app.MapMcp("/mcp");
        _app.Start();
    }

    public string Url => _app.Urls.First() + "/mcp";

    public ConcurrentQueue<string> Told { get; } = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<string> Name(ModelContextProtocol.Server.McpServer server, CancellationToken cancellation)
    {
        var told = await server.ElicitAsync(new ElicitRequestParams
        {
            Message = "Which name?",
            RequestedSchema = new() { Properties = { ["name"] = new ElicitRequestParams.StringSchema() }, Required = ["name"] },
        }, cancellation);
        Told.Enqueue($"{told.Action} {(told.IsAccepted ? told.Content!["name"].GetString() : "")}".TrimEnd());
        return $"it was told {Told.Last()}";
    }
}
