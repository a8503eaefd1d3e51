using System.Reflection;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// The pages for people, at the root of the HTTP server. Each is made anew from the database at every request; the one
/// script only keeps an open page up to date. Nothing that is fetched with GET changes anything.
/// </summary>
internal sealed class InboxSite(Core core, LocalAccess access, SignInPage signIn, TimeProvider clock)
{
    private static readonly TimeSpan FirstLink = TimeSpan.FromDays(1);

    private delegate Task<Page?> Post(Visit visit, IFormCollection form);

    /// <summary>The link a server prints when it starts. From then on results name the pages it serves.</summary>
    public static string SignInLink(Core core, string site)
    {
        core.InboxSite = site;
        return new LocalAccess(core.Database.Path, TimeProvider.System).SignInLink(site, FirstLink);
    }

    /// <param name="keys">Null where no keys are taken.</param>
    public static void Map(IEndpointRouteBuilder server, Core core, KeyRing? keys = null)
    {
        var access = new LocalAccess(core.Database.Path, TimeProvider.System, keys);
        var signIn = new SignInPage(access, printed: !core.Settings.Access.IsOn);
        var site = new InboxSite(core, access, signIn, TimeProvider.System);
        server.MapGet("/sign-in", context => PageReply.Guarded(context, () => signIn.Show(context))).OpenTo(Door.Open);
        server.MapPost("/sign-in", context => PageReply.Guarded(context, () => signIn.Use(context))).OpenTo(Door.Open);
        var app = server.MapGroup("").OpenTo(Door.Own);
        app.MapPost("/sign-out", site.Posted(site.SignOut));
        foreach (var (name, type) in new[] { ("inbox.css", "text/css; charset=utf-8"), ("inbox.js", "text/javascript; charset=utf-8"), ("inbox.svg", "image/svg+xml") })
        {
            var file = Asset(name);
            server.MapGet("/" + name, context =>
            {
                PageReply.Guard(context);
                context.Response.Headers.CacheControl = "no-cache";
                context.Response.ContentType = type;
                return context.Response.Body.WriteAsync(file, context.RequestAborted).AsTask();
            }).OpenTo(Door.Open);
        }

        var live = new LiveStream(core, TimeProvider.System);
        app.MapGet("/live", context => site.For(context, visit => live.Send(context, visit.Who, () => access.SessionOf(context.Request) is not null)));
        app.MapGet("/", site.Shown(PendingPage.Show));
        app.MapGet("/requests/{request}", site.Shown(RequestPage.Show));
        app.MapPost("/requests/{request}", site.Posted(RequestPage.Answer));
        app.MapGet("/threads", site.Shown(ThreadsPage.Show));
        app.MapGet("/threads/{thread}", site.Shown(ThreadPage.Show));
        app.MapPost("/threads/{thread}/cancel", site.Posted(ThreadPage.Cancel));
        app.MapPost("/threads/{thread}/fork", site.Posted(ThreadPage.Fork));
        app.MapPost("/threads/{thread}/message", site.Posted(ThreadPage.Speak));
        app.MapGet("/threads/{thread}/log.json", context => site.For(context, site.Download));
        app.MapGet("/threads/{thread}/steps/{version}", site.Shown(StepPage.Show));
        app.MapGet("/agents", site.Shown(AgentsPage.All));
        app.MapGet("/agents/{agent}", site.Shown(AgentsPage.One));
    }

    private static byte[] Asset(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private RequestDelegate Shown(Func<Visit, Page> show) => context => For(context, visit => Send(visit, () => show(visit)));

    // A form that was taken leads back to where it was sent from, so that a reload does not send it again.
    private RequestDelegate Posted(Post post) => context => For(context, async visit =>
    {
        var form = await PageReply.Form(context).ConfigureAwait(false);
        if (!access.IsFormOf(visit.Session, form["token"]) || context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin"))
        {
            await Send(visit, () => Note("That did not come from this page", "The form was not sent by a page of this inbox, or by one of an earlier session. Nothing was changed. Open the page anew and try again.", StatusCodes.Status403Forbidden)).ConfigureAwait(false);
            return;
        }

        if (await Try(post, visit, form).ConfigureAwait(false) is { } wrong)
        {
            await Send(visit, () => wrong).ConfigureAwait(false);
        }
        else if (!context.Response.Headers.ContainsKey("Location"))
        {
            PageReply.See(context, context.Request.Path);
        }
    });

    private static async Task<Page?> Try(Post post, Visit visit, IFormCollection form)
    {
        try
        {
            return await post(visit, form).ConfigureAwait(false);
        }
        catch (RefusedException e)
        {
            return Refusal(e);
        }
    }

    private Task For(HttpContext context, Func<Visit, Task> body) => PageReply.Guarded(context, () => access.SessionOf(context.Request) is { } session
        ? body(new Visit(context, session, access.FormToken(session), core, clock))
        : signIn.Refuse(context, access.TakesKeys ? "This browser is not signed in." : "This page is for the people who use this machine, and this browser is not signed in."));

    private Task Send(Visit visit, Func<Page> make)
    {
        Page page;
        try
        {
            page = make();
        }
        catch (RefusedException e)
        {
            page = Refusal(e);
        }

        return page.Body.IsEmpty ? Task.CompletedTask : PageReply.Send(visit.Http, page.Status, Layout.Of(page, visit, core.Pending.Count(visit.Sight)));
    }

    private static Page Refusal(RefusedException e) => Note("That is not possible", e.Message,
        e.Code switch
        {
            RefusalCode.ThreadNotFound or RefusalCode.RequestNotFound or RefusalCode.AgentNotFound => StatusCodes.Status404NotFound,
            RefusalCode.Forbidden or RefusalCode.HumanRequired => StatusCodes.Status403Forbidden,
            _ => StatusCodes.Status409Conflict,
        });

    private static Page Note(string title, string words, int status) => new(title, Html.Of($"""
        <div class="empty-page"><h1>{title}</h1><p>{words}</p><p><a class="button" href="/">To the pending requests</a></p></div>
        """), Status: status, IsLive: false);

    private Task Download(Visit visit)
    {
        ThreadLog log;
        try
        {
            log = visit.Log(visit.Route("thread"));
        }
        catch (RefusedException e)
        {
            return Send(visit, () => Refusal(e));
        }

        PageReply.Guard(visit.Http);
        visit.Http.Response.ContentType = "application/json; charset=utf-8";
        visit.Http.Response.Headers.ContentDisposition = $"attachment; filename=\"{log.Thread.Id}.json\"";
        return visit.Http.Response.WriteAsync(LogJson.Of(log).Text, visit.Http.RequestAborted);
    }

    private Task<Page?> SignOut(Visit visit, IFormCollection form)
    {
        access.SignOut(visit.Http);
        PageReply.See(visit.Http, "/");
        return Task.FromResult<Page?>(null);
    }
}
