using AgentMcp.Server.Channels;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Inbox;
using AgentMcp.Server.Protocol;
using AgentMcp.Server.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Http;

/// <summary>Serves Streamable HTTP at <c>/mcp</c> on the loopback interface, to clients of every protocol version.</summary>
internal static class HttpServer
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    public static async Task<int> Run(Settings settings)
    {
        using var telemetry = Telemetry.For(settings);
        using var logs = Logs.For(settings, telemetry);
        using var core = new Core(settings, logs);
        await using var app = Build(core, logs);
        await app.StartAsync().ConfigureAwait(false);
        core.Recover();
        // The first line on standard output is where clients find it, the second where people do.
        await Console.Out.WriteLineAsync($"Listening on {app.Urls.First()}/mcp").ConfigureAwait(false);
        await Console.Out.WriteLineAsync($"Inbox: {InboxSite.SignInLink(core, app.Urls.First())}").ConfigureAwait(false);
        await app.WaitForShutdownAsync().ConfigureAwait(false);
        return 0;
    }

    private static WebApplication Build(Core core, ILoggerFactory logs)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(logs);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhostOrAny(core.Settings.Port);
            kestrel.Limits.MaxRequestBodySize = core.Settings.MostBody;
        });
        // Handlers in flight are awaited when the host stops; a client that never reads must not hold it up.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Grace + TimeSpan.FromSeconds(2));
        var setup = new McpSetup(core, "http");
        builder.Services.Configure<McpServerOptions>(setup.Apply);
        builder.Services.AddMcpServer().WithHttpTransport(http =>
        {
            http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients;
            http.MaxIdleSessionCount = core.Settings.MostSessions;
            http.IdleTimeout = TimeSpan.FromMinutes(30);
            setup.FollowSessions(http);
        });

        RestApi.Add(builder.Services);

        var app = builder.Build();
        // Runs are told to stop when the host is, before it waits for the calls that wait for them.
        app.Lifetime.ApplicationStopping.Register(() => Stop(core).GetAwaiter().GetResult());
        app.Use(new Health(core).Answer);
        app.Use(LoopbackOnly.Check);
        app.Use(SayWhyRefused);
        app.Use(VersionErrors.Check);
        app.MapMcp("/mcp");
        InboxSite.Map(app, core);
        ChannelEndpoints.Map(app, core);
        RestApi.Map(app, core);
        return app;
    }

    private static async Task Stop(Core core)
    {
        await core.Drain().ConfigureAwait(false);
        await core.Stop(Grace).ConfigureAwait(false);
    }

    // Kestrel finds out while the body is read that it is too large; unhandled, that is logged as a fault of ours.
    private static async Task SayWhyRefused(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode;
            await context.Response.WriteAsync(e.Message).ConfigureAwait(false);
        }
    }

    // Port 0 asks the system for a free one, which only a single address can do.
    private static void ListenLocalhostOrAny(this KestrelServerOptions kestrel, int port)
    {
        if (port == 0)
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        }
        else
        {
            kestrel.ListenLocalhost(port);
        }
    }
}
