using System.CommandLine;
using System.Net;
using AgentMcp.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Cli.Demo.Pipeline;

/// <summary>
/// <c>agentmcp demo-shop</c>, which the demo starts once for staging and once for production. It lives as long as
/// whoever started it holds its standard input open.
/// </summary>
internal static class ShopCommand
{
    public const string Name = "demo-shop";

    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER");
        var link = new Argument<string>("LINK");
        var command = new Command(Name, "Serve the shop of the pipeline demo.") { folder, link };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => Run(parsed.GetValue(folder)!, parsed.GetValue(link)!, cancellation));
        return command;
    }

    private static async Task<int> Run(string folder, string link, CancellationToken cancellation)
    {
        var ground = ShopGround.At(folder);
        var site = new ShopSite(folder, ground.Remote, ground.Releases, link);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Use(OwnHosts.OfThisMachine.Check);
        app.MapGet("/{**path}", async (HttpContext context) =>
        {
            var found = await site.Find(context.Request.Path.Value ?? "/", context.RequestAborted).ConfigureAwait(false);
            return found is var (type, body) ? Results.Text(body, type) : Results.Text("There is nothing here.", statusCode: StatusCodes.Status404NotFound);
        });
        await app.StartAsync(cancellation).ConfigureAwait(false);
        await Console.Out.WriteLineAsync($"Listening on {app.Urls.First()}").ConfigureAwait(false);
        await Console.In.ReadToEndAsync(cancellation).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
