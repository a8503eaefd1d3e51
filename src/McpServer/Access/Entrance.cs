using System.Security.Claims;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Http;
using AgentMcp.State.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Access;

/// <summary>
/// Everybody comes in here: each request is given its principal before anything of it is looked at. What has no
/// principal goes no further, but for the few endpoints that say they need none, or that look for a proof of their own.
/// </summary>
internal sealed class Entrance(AccessSettings settings, KeyRing keys, Tokens? tokens, Tenure tenure, Metadata metadata, ILogger logger)
{
    private const string Scheme = "Bearer";

    /// <param name="rate">
    /// How often somebody is told why they are refused. Each key and token is looked at also past that: before, nobody
    /// knows a good one from a bad one, and whoever shows a good one is not to be held up by others.
    /// </param>
    public Task Pass(HttpContext context, RequestDelegate next, CallRate rate)
    {
        if (settings.IsOn)
        {
            return PassWhoIsKnown(context, next, rate);
        }

        context.User = PrincipalIdentity.Local;
        return next(context);
    }

    private async Task PassWhoIsKnown(HttpContext context, RequestDelegate next, CallRate rate)
    {
        var (who, refusal) = await Known(context.Request.Headers.Authorization, context.RequestAborted).ConfigureAwait(false);
        if (who is not null)
        {
            context.User = new ClaimsPrincipal(new PrincipalIdentity(who));
            using var held = tenure.Hold(who, context);
            await next(context).ConfigureAwait(false);
        }
        else if (refusal is null && DoorOf(context) is Door.Open or Door.Own)
        {
            await next(context).ConfigureAwait(false);
        }
        else if (ChannelEndpoints.AreAskedFor(context))
        {
            await next(context).ConfigureAwait(false);
        }
        else
        {
            await Refuse(context, refusal ?? Refusal.Nobody, rate).ConfigureAwait(false);
        }
    }

    private async Task<(Principal? Who, Refusal? Refusal)> Known(Microsoft.Extensions.Primitives.StringValues header, CancellationToken cancellation)
    {
        if (header.Count == 0)
        {
            return (null, null);
        }

        if (header is not [{ } shown])
        {
            return (null, Refusal.Malformed);
        }

        var (scheme, bearer) = shown.Trim().Split(' ', 2) is [var first, var rest] ? (first, rest.Trim()) : (shown.Trim(), "");
        if (!scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            // What is shown in another way is nothing that was shown here.
            return (null, Refusal.Nobody);
        }

        if (bearer.Length == 0)
        {
            return (null, Refusal.Malformed);
        }

        try
        {
            return bearer.StartsWith(KeyRing.Prefix, StringComparison.Ordinal) || tokens is null
                ? settings.Keys && keys.Find(bearer) is { } holder ? (holder, null) : (null, Refusal.UnknownKey)
                : await tokens.Check(bearer, cancellation).ConfigureAwait(false);
        }
        catch (DatabaseException e)
        {
            return (null, new(StatusCodes.Status503ServiceUnavailable, "unavailable", e.Message));
        }
    }

    // Where nobody can be known for the moment, being refused is nobody's doing.
    private Task Refuse(HttpContext context, Refusal refusal, CallRate rate) =>
        refusal.Status == StatusCodes.Status503ServiceUnavailable ? Say(refusal, context) : rate.CheckRefused(context, asked => Say(refusal, asked));

    private async Task Say(Refusal refusal, HttpContext context)
    {
        logger.LogInformation("{Method} {Path} was refused: {Reason}", context.Request.Method, context.Request.Path, refusal.Code);
        if (refusal.Status != StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.WWWAuthenticate = metadata.Challenge(context.Request, refusal);
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = refusal.Status;
        await context.Response.WriteAsJsonAsync(Rest.RestErrors.ProblemOf(refusal.Status, refusal.Code, refusal.Detail), Rest.RestJson.Sent.Problem,
            Rest.RestErrors.ContentType, context.RequestAborted).ConfigureAwait(false);
    }

    private static Door? DoorOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<DoorMark>()?.Door;
}

/// <summary>What an endpoint asks for where authentication is on. One that says nothing asks for a principal.</summary>
internal enum Door
{
    /// <summary>Nothing.</summary>
    Open,

    /// <summary>A proof of its own, such as the cookie of a page.</summary>
    Own,
}

internal sealed record DoorMark(Door Door);

internal static class Doors
{
    public static T OpenTo<T>(this T endpoint, Door door)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new DoorMark(door));
}

/// <summary>Why somebody is not let in.</summary>
/// <param name="Error">The word of RFC 6750 for it; null where nothing was shown.</param>
/// <param name="Scopes">Those to ask for instead; null for those that anybody asks for.</param>
internal sealed record Refusal(int Status, string Code, string Detail, string? Error = null, IReadOnlyList<string>? Scopes = null)
{
    public static Refusal Nobody { get; } = new(StatusCodes.Status401Unauthorized, "unauthorized",
        "This server has to know who you are. Send the header Authorization: Bearer KEY.");

    public static Refusal Malformed { get; } = new(StatusCodes.Status400BadRequest, "invalid_input",
        "The header Authorization has to be given once, as: Bearer KEY.", "invalid_request");

    public static Refusal UnknownKey { get; } = new(StatusCodes.Status401Unauthorized, "unauthorized",
        "That key is not one of this server, has expired, or was revoked. Whoever runs it makes one with: agentmcp keys create NAME --roles run", "invalid_token");
}
