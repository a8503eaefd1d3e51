using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Operations;

/// <summary>A server that is no AgentMcp; its one tool notes the trace of whoever calls it.</summary>
internal sealed class TellingServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    public TellingServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddMcpServer().WithHttpTransport().WithTools([McpServerTool.Create((RequestContext<CallToolRequestParams> request) =>
        {
            (Told, ToldState) = (request.Params.Meta?["traceparent"]?.ToString(), request.Params.Meta?["tracestate"]?.ToString());
            return "told";
        }, new() { Name = "trace" })]);
        _app = builder.Build();
        _app.MapMcp("/mcp");
        _app.Start();
    }

    public string Url => _app.Urls.First() + "/mcp";

    public string? Told { get; private set; }

    public string? ToldState { get; private set; }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
