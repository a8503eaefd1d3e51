using AgentMcp.Server.Http;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>Turns a sign-in link, or a key, into a session. Looking at the link does nothing; pressing the button uses it up.</summary>
/// <param name="printed">The server printed a link when it started.</param>
internal sealed class SignInPage(LocalAccess access, bool printed)
{
    public Task Show(HttpContext context)
    {
        var code = context.Request.Query["code"].ToString();
        return code.Length == 0 && access.TakesKeys ? Refuse(context, "Sign in with your key.", StatusCodes.Status200OK)
            : access.PageOf(code) is null ? Refuse(context, "This sign-in link was used already, or has expired.") : PageReply.Send(context, StatusCodes.Status200OK, Layout.Outside("Sign in", Html.Of($"""
            <h1>Sign in on this browser</h1>
            <p>This link works once. You stay signed in for 30 days, or until you sign out.</p>
            <form method="post" action="/sign-in"><input type="hidden" name="code" value="{code}"><button class="yes" autofocus>Sign in</button></form>
            """)));
    }

    public async Task Use(HttpContext context)
    {
        var form = await PageReply.Form(context).ConfigureAwait(false);
        if (form["key"].ToString().Trim() is { Length: > 0 } key)
        {
            await UseKey(context, key, form["page"].ToString()).ConfigureAwait(false);
            return;
        }

        if (access.SignIn(form["code"], context) is { } page)
        {
            PageReply.See(context, page);
            return;
        }

        await Refuse(context, "This sign-in link was used already, or has expired.").ConfigureAwait(false);
    }

    private async Task UseKey(HttpContext context, string key, string page)
    {
        if (!context.Request.IsHttps && !OwnHosts.IsThisMachine(context.Request.Host.Host))
        {
            await Refuse(context, "A key is only taken over https: on its way over the network anybody could read it. If a proxy serves https, name it in the setting proxies.").ConfigureAwait(false);
        }
        else if (access.SignInWith(key, context))
        {
            // Only ever to a page of ours, whatever the form says.
            PageReply.See(context, page.StartsWith('/') && !page.StartsWith("//", StringComparison.Ordinal) && !page.Contains('\\') && !page.Any(char.IsControl) ? page : "/");
        }
        else
        {
            await Refuse(context, "That key is not one of this server, has expired, or was revoked.").ConfigureAwait(false);
        }
    }

    /// <summary>What whoever is not signed in gets of every page.</summary>
    public Task Refuse(HttpContext context, string reason, int status = StatusCodes.Status401Unauthorized)
    {
        var here = context.Request.Path == "/sign-in" ? "/" : PathOf(context.Request);
        // A browser that follows a link from elsewhere holds a strict cookie back; asked for once more by this page, it sends it.
        var again = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" && context.Request.Path != "/sign-in";
        return PageReply.Send(context, status, Layout.Outside("Sign in", Html.Of($"""
            <h1>Please sign in</h1>
            <p>{reason}</p>
            {(access.TakesKeys ? Html.Of($"""
            <form method="post" action="/sign-in"><input type="hidden" name="page" value="{here}">
            <div class="field"><label for="key">Your key</label><input type="password" id="key" name="key" autocomplete="current-password" required autofocus></div>
            <button class="yes">Sign in</button></form>
            """) : printed ? Html.Of($"<p>Open the sign-in link that the server printed when it started.</p>") : Html.Of($""))}
            <p>For a {(printed ? "new " : "")}link, run this on its machine, with the same <code>--db</code> if you gave it one:</p>
            <pre tabindex="0"><code>agentmcp inbox --sign-in {Typed(SiteOf(context.Request) + here)}</code></pre>
            """), again));
    }

    // Whoever made the link chose the path, and what is shown is copied into a shell. Of it letters, digits and -_.~ alone are
    // left as they are.
    private static string PathOf(HttpRequest request) => string.Join('/', (request.Path.Value ?? "/").Split('/').Select(Uri.EscapeDataString));

    // Of the Host only what was checked, and a number.
    private static string SiteOf(HttpRequest request) =>
        $"{(request.IsHttps ? "https" : "http")}://{request.Host.Host}{(request.Host.Port is { } port ? $":{port}" : "")}";

    // [::1] is a pattern to a shell.
    private static string Typed(string url) => url.Contains('[', StringComparison.Ordinal) ? $"\"{url}\"" : url;
}
