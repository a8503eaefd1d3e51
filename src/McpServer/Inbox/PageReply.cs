using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

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

    /// <summary>Says what is wrong where a page cannot be made, or what was sent cannot be read.</summary>
    public static async Task Guarded(HttpContext context, Func<Task> reply)
    {
        try
        {
            await reply().ConfigureAwait(false);
        }
        catch (Exception e) when (e is DatabaseException or InvalidDataException or RefusedException { Code: RefusalCode.Unavailable } or BadHttpRequestException && !context.Response.HasStarted)
        {
            var status = (e as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status503ServiceUnavailable;
            await Send(context, status, Layout.Outside("Not possible now", Html.Of($"""
                <h1>That is not possible now</h1><p>{e.Message}</p><p><a class="button" href="/">To the pending requests</a></p>
                """))).ConfigureAwait(false);
        }
    }

    /// <exception cref="BadHttpRequestException">What was sent is no form, has too many fields or ends early.</exception>
    public static async Task<IFormCollection> Form(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or (IOException and not BadHttpRequestException))
        {
            throw new BadHttpRequestException($"The form cannot be read. {e.Message}", e);
        }
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
