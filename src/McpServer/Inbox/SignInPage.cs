using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>Turns a sign-in link into a session. Looking at the link does nothing; pressing the button uses it up.</summary>
internal sealed class SignInPage(LocalAccess access)
{
    public Task Show(HttpContext context)
    {
        var code = context.Request.Query["code"].ToString();
        return access.PageOf(code) is null ? Refuse(context, "This sign-in link was used already, or has expired.") : PageReply.Send(context, StatusCodes.Status200OK, Layout.Outside("Sign in", Html.Of($"""
            <h1>Sign in on this browser</h1>
            <p>This link works once. You stay signed in for 30 days, or until you sign out.</p>
            <form method="post" action="/sign-in"><input type="hidden" name="code" value="{code}"><button class="yes" autofocus>Sign in</button></form>
            """)));
    }

    public async Task Use(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        if (access.SignIn(form["code"], context) is { } page)
        {
            PageReply.See(context, page);
            return;
        }

        await Refuse(context, "This sign-in link was used already, or has expired.").ConfigureAwait(false);
    }

    /// <summary>What whoever is not signed in gets of every page.</summary>
    public static Task Refuse(HttpContext context, string reason)
    {
        // A browser that follows a link from elsewhere holds a strict cookie back; asked for once more by this page, it sends it.
        var again = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" && context.Request.Path != "/sign-in";
        return PageReply.Send(context, StatusCodes.Status401Unauthorized, Layout.Outside("Sign in", Html.Of($"""
            <h1>Please sign in</h1>
            <p>{reason}</p>
            <p>Open the sign-in link that the server printed when it started. For a new link, run this on its machine, with the same <code>--db</code> if you gave it one:</p>
            <pre tabindex="0"><code>agentmcp inbox --sign-in {context.Request.Scheme}://{context.Request.Host.Value}{(context.Request.Path == "/sign-in" ? "/" : context.Request.Path.Value)}</code></pre>
            """), again));
    }
}

/// <summary>How pages leave the server: never stored, never framed, and with nothing in them that may run.</summary>
internal static class PageReply
{
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static Task Send(HttpContext context, int status, Html page)
    {
        Guard(context);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(page.ToString(), context.RequestAborted);
    }

    public static void See(HttpContext context, string path)
    {
        Guard(context);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
    }

    public static void Guard(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // With no referrer at all a browser would call the origin of our own forms null, and they would be refused.
        headers["Referrer-Policy"] = "same-origin";
    }
}
