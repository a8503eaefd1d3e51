using AgentMcp.Server.Access;
using AgentMcp.Server.Channels;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Http;

/// <summary>
/// Refuses what a page in a browser could send here: a foreign Origin, or a Host that is not this server's (DNS
/// rebinding). The MCP specification asks servers to check both. Without authentication this server has no name but
/// those of the machine itself; with it, also the host of public_url and those of the setting hosts.
/// </summary>
internal sealed class OwnHosts(AccessSettings access, string? publicUrl)
{
    private readonly HashSet<string> _names = access.IsOn
        ? new([.. access.Hosts, .. publicUrl is null ? Array.Empty<string>() : [new Uri(publicUrl).Host]], StringComparer.OrdinalIgnoreCase)
        : [];

    /// <summary>For a server that nobody else is to reach.</summary>
    public static OwnHosts OfThisMachine { get; } = new(AccessSettings.None, null);

    public static bool IsThisMachine(string host) =>
        host is "127.0.0.1" or "[::1]" or "::1" || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase);

    public Task Check(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (ChannelEndpoints.AreAskedFor(context))
        {
            return next(context);
        }

        if (!IsOwn(context.Request.Host.Host))
        {
            // As it came: in the form for URIs there is no name for one that cannot be.
            return Refuse(context, StatusCodes.Status400BadRequest, access.IsOn
                ? $"The Host '{context.Request.Host.Value}' is not this server's. Name it in public_url or in the setting hosts."
                : $"The Host '{context.Request.Host.Value}' is not this machine. Use localhost, 127.0.0.1 or [::1].");
        }

        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && IsOwn(from.Host))
            ? next(context)
            : Refuse(context, StatusCodes.Status403Forbidden, $"Requests from the origin '{origin}' are not served.");
    }

    private bool IsOwn(string host) => IsThisMachine(host) || _names.Contains(host);

    private static Task Refuse(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(reason);
    }
}
