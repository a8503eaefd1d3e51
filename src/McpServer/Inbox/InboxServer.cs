using AgentMcp.Server.Hosting;
using AgentMcp.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Inbox;

/// <summary>The pages for people on a loopback port of their own, beside a server that speaks over standard input and output.</summary>
internal sealed class InboxServer : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);
    private readonly WebApplication _app;

    private InboxServer(WebApplication app, string link) => (_app, Link) = (app, link);

    /// <summary>Signs a browser in, once.</summary>
    public string Link { get; }

    public static async Task<InboxServer> Start(Core core, ILoggerFactory logs)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(logs);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, core.Settings.InboxPort);
            kestrel.Limits.MaxRequestBodySize = core.Settings.MostBody;
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Grace);
        // Signals are for the server this one stands beside.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var app = builder.Build();
        app.Use(OwnHosts.OfThisMachine.Check);
        InboxSite.Map(app, core);
        await app.StartAsync().ConfigureAwait(false);
        return new(app, InboxSite.SignInLink(core, app.Urls.First()));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
