using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace AgentMcp.Benchmarks;

/// <summary>The SDK with nothing of ours around it.</summary>
internal static class BareServer
{
    /// <summary>One tool that returns what it is given: what a call costs before anything durable happens.</summary>
    public static McpServerPrimitiveCollection<McpServerTool> Echo => [McpServerTool.Create((string message) => message, new() { Name = "echo" })];

    public static async Task Http(McpServerPrimitiveCollection<McpServerTool> tools)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.Configure<McpServerOptions>(options => options.ToolCollection = tools);
        builder.Services.AddMcpServer().WithHttpTransport(http => http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients);
        await using var app = builder.Build();
        app.MapMcp("/mcp");
        await app.StartAsync();
        Console.WriteLine($"Listening on {app.Urls.First()}/mcp");
        await Console.In.ReadToEndAsync();
    }

    public static async Task Stdio(McpServerPrimitiveCollection<McpServerTool> tools)
    {
        await using var transport = new StdioServerTransport("bare");
        await using var server = McpServer.Create(transport, new McpServerOptions { ToolCollection = tools });
        await server.RunAsync();
    }
}
