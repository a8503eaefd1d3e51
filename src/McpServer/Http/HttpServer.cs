using AgentMcp.Server.Access;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Inbox;
using AgentMcp.Server.Protocol;
using AgentMcp.Server.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Http;

/// <summary>Serves Streamable HTTP at <c>/mcp</c>, on the loopback interface unless told otherwise, to clients of every protocol version.</summary>
internal static class HttpServer
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    public static async Task<int> Run(Settings settings)
    {
        settings.Access.CheckDoors();
        using var telemetry = Telemetry.For(settings);
        using var logs = Logs.For(settings, telemetry);
        settings.WarnOfStrays(logs);
        using var core = new Core(settings, logs);
        using var entry = new Entry(core, logs);
        foreach (var mistake in settings.Access.Mistakes([.. core.Catalog.Every.Select(agent => agent.Name)]))
        {
            logs.CreateLogger<AccessSettings>().LogWarning("{Mistake}", mistake);
        }

        await using var app = Build(core, entry, logs);
        await app.StartAsync().ConfigureAwait(false);
        var watch = entry.Tenure.Watch(core.Stopping);
        core.Recover();
        // The first line on standard output is where clients find it, the second where people do.
        await Console.Out.WriteLineAsync($"Listening on {app.Urls.First()}/mcp").ConfigureAwait(false);
        await Console.Out.WriteLineAsync($"Inbox: {InboxAt(core, app.Urls.First())}").ConfigureAwait(false);
        await ToldToStop(app).ConfigureAwait(false);
        await Stop(app, core).ConfigureAwait(false);
        await watch.ConfigureAwait(false);
        return 0;
    }

    // What a server that others reach prints is kept in logs that others read: no link there that lets anybody in.
    private static string InboxAt(Core core, string url) =>
        core.Settings.Access.IsOn ? core.InboxSite = core.Settings.PublicUrl?.TrimEnd('/') ?? url : InboxSite.SignInLink(core, url);

    internal static WebApplication Build(Core core, Entry entry, ILoggerFactory logs)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(logs);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(core.Settings);
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
            http.ConfigureSessionOptions = CallOptions.Narrow;
            setup.FollowSessions(http);
        });

        RestApi.Add(builder.Services);

        var app = builder.Build();
        app.Use(new Health(core).Answer);
        app.UseForwarded(core.Settings.Access);
        app.Use(new OwnHosts(core.Settings.Access, core.Settings.PublicUrl).Check);
        app.Use(SayWhyRefused);
        var rate = new CallRate(core.Settings.Limits.Calls);
        app.Lifetime.ApplicationStopped.Register(rate.Dispose);
        app.Use((context, next) => entry.Entrance.Pass(context, next, rate));
        app.Use(rate.Check);
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/mcp"), mcp => mcp.Use(MessageBodies.Check));
        app.Use(VersionErrors.Check);
        app.MapMcp("/mcp");
        entry.Metadata.Map(app);
        InboxSite.Map(app, core, core.Settings.Access.Keys ? entry.Keys : null);
        ChannelEndpoints.Map(app, core);
        RestApi.Map(app, core);
        return app;
    }

    /// <summary>Ends it. Calls that wait are told where their threads stand, and have as long to hear it, however long it drained.</summary>
    internal static async Task Stop(WebApplication app, Core core)
    {
        await core.Drain().ConfigureAwait(false);
        await core.Stop(Grace).ConfigureAwait(false);
        await app.StopAsync().ConfigureAwait(false);
    }

    private static async Task ToldToStop(WebApplication app)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = app.Lifetime.ApplicationStopping.Register(told.SetResult).ConfigureAwait(false);
        await told.Task.ConfigureAwait(false);
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
        catch (IOException e) when (e.InnerException is OverflowException && !context.Response.HasStarted)
        {
            // So Kestrel says of the size of a chunk that no number can hold; of any other bad chunk it says BadHttpRequestException.
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(e.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone, and with it whoever could be told; unhandled, Kestrel takes it for a fault of ours.
        }
    }

    // Port 0 asks the system for a free one, which only a single address can do.
    private static void Listen(this KestrelServerOptions kestrel, Settings settings)
    {
        if (settings.Access.Bind is { } address)
        {
            kestrel.Listen(address, settings.Port);
        }
        else if (settings.Port == 0)
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        }
        else
        {
            kestrel.ListenLocalhost(settings.Port);
        }
    }

    // Whoever can reach this server could otherwise say that it is somebody else, and came by https.
    private static void UseForwarded(this WebApplication app, AccessSettings access)
    {
        if (access.Proxies.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in access.Proxies)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }
}
