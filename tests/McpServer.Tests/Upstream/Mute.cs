using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>A server with sessions that can fall silent, as one that is stopped or hangs: it takes connections and requests, and answers none.</summary>
internal sealed class Mute : IAsyncDisposable
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private volatile int _goodByes;

    public Mute()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        McpServerPrimitiveCollection<McpServerTool> tools = [McpServerTool.Create(() => "hello", new() { Name = "speak" })];
        builder.Services.Configure<McpServerOptions>(options => options.ToolCollection = tools);
        builder.Services.AddMcpServer().WithHttpTransport(http => http.SessionMode = HttpServerSessionMode.Stateful);
        _app = builder.Build();
        _app.Use(Listen);
        _app.MapMcp("/mcp");
        _app.Start();
    }

    public string Url => _app.Urls.First() + "/mcp";

    /// <summary>How often it was told that a session is over, and did not answer.</summary>
    public int GoodByes => _goodByes;

    public bool IsSilent { get; set; }

    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task Listen(HttpContext context, RequestDelegate next)
    {
        if (!IsSilent)
        {
            await next(context);
            return;
        }

        if (HttpMethods.IsDelete(context.Request.Method))
        {
            Interlocked.Increment(ref _goodByes);
        }

        await _over.Task;
    }
}
