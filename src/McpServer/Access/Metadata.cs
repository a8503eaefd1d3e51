using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ModelContextProtocol;
using ModelContextProtocol.Authentication;

namespace AgentMcp.Server.Access;

/// <summary>
/// Tells clients where to get a token: the protected-resource metadata of RFC 9728, and the challenge that points to
/// it, as the authorization chapter of MCP asks.
/// </summary>
internal sealed class Metadata(AccessSettings settings, string? publicUrl)
{
    private const string Path = "/.well-known/oauth-protected-resource";
    private const string Resource = "/mcp";

    public void Map(IEndpointRouteBuilder app)
    {
        if (settings.Oidc is not { } oidc)
        {
            return;
        }

        // A list of none is left out (RFC 9728), as null is; the SDK does not know of one.
        var scopes = oidc.ScopesToAskFor();

        // Beside the path of the resource itself, clients look at the root.
        foreach (var path in new[] { Path + Resource, Path })
        {
            app.MapGet(path, context => context.Response.WriteAsJsonAsync(new ProtectedResourceMetadata
            {
                Resource = Site(context.Request) + Resource,
                AuthorizationServers = [oidc.Authority.ToString().TrimEnd('/')],
                ScopesSupported = scopes.Count > 0 ? [.. scopes] : null!,
                BearerMethodsSupported = ["header"],
            }, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(ProtectedResourceMetadata)), "application/json", context.RequestAborted)).OpenTo(Door.Open);
        }
    }

    /// <summary>The value of <c>WWW-Authenticate</c>.</summary>
    public string Challenge(HttpRequest request, Refusal refusal)
    {
        List<string> says = [];
        if (refusal.Error is { } error)
        {
            says.Add($"error=\"{error}\"");
        }

        if (settings.Oidc is { } oidc)
        {
            says.Add($"resource_metadata=\"{Site(request)}{Path}{Resource}\"");
            if ((refusal.Scopes ?? oidc.ScopesToAskFor()) is { Count: > 0 } scopes)
            {
                says.Add($"scope=\"{string.Join(' ', scopes)}\"");
            }
        }

        return says.Count == 0 ? "Bearer" : $"Bearer {string.Join(", ", says)}";
    }

    // The Host was checked before, so what a client sends here is one of our own names.
    private string Site(HttpRequest request) => publicUrl?.TrimEnd('/') ?? $"{request.Scheme}://{request.Host}";
}
