using AgentMcp.Server.Channels;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Http;

/// <summary>
/// Refuses what a page in a browser could send here: a foreign Origin, or a Host that is not this machine (DNS
/// rebinding). The MCP specification asks servers to check both.
/// </summary>
internal static class LoopbackOnly
{
    public static async Task Check(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (ChannelEndpoints.AreAskedFor(context))
        {
            await next(context).ConfigureAwait(false);
        }
        else if (!IsLocal(context.Request.Host.Host))
        {
            await Refuse(context, StatusCodes.Status400BadRequest, $"The Host '{context.Request.Host}' is not this machine. Use localhost, 127.0.0.1 or [::1].").ConfigureAwait(false);
        }
        else if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && IsLocal(from.Host)))
        {
            await Refuse(context, StatusCodes.Status403Forbidden, $"Requests from the origin '{origin}' are not served.").ConfigureAwait(false);
        }
        else
        {
            await next(context).ConfigureAwait(false);
        }
    }

    private static bool IsLocal(string host) =>
        host is "127.0.0.1" or "[::1]" or "::1" || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase);

    private static Task Refuse(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(reason);
    }
}
