using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AgentMcp.Server.Access;

/// <summary>
/// Tells whose a token is: signed by the issuer with a key it publishes, for this server, in its time, and with the
/// scopes that are asked for. Only asymmetric signatures count: with a shared secret, who checks could also sign. Thread-safe.
/// </summary>
internal sealed class Tokens(OidcSettings settings, Issuer issuer, KeyRing keys)
{
    private const int LongestName = 200;
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly string[] Algorithms =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public async Task<(Principal? Who, Refusal? Refusal)> Check(string token, CancellationToken cancellation)
    {
        if (!_handler.CanReadToken(token))
        {
            return (null, Wrong("it is no token"));
        }

        if (await issuer.Keys(cancellation).ConfigureAwait(false) is not { } published)
        {
            return (null, new(StatusCodes.Status503ServiceUnavailable, "unavailable", $"The issuer {settings.Authority} cannot be asked for its keys now. Try again in a moment."));
        }

        var result = await Validate(token, published).ConfigureAwait(false);
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && await issuer.NewerThan(published, cancellation).ConfigureAwait(false) is { } newer)
        {
            result = await Validate(token, newer).ConfigureAwait(false);
        }

        return result is { IsValid: true, SecurityToken: JsonWebToken valid } ? Known(valid) : (null, Wrong(result.Exception switch
        {
            SecurityTokenExpiredException => "it has expired",
            SecurityTokenNotYetValidException => "it does not hold yet",
            SecurityTokenInvalidAudienceException => $"it is not for {settings.Audience}",
            SecurityTokenInvalidIssuerException => $"it is not from {settings.Authority}",
            _ => "it is not signed with a key of the issuer",
        }));
    }

    private Task<TokenValidationResult> Validate(string token, PublishedKeys published) => _handler.ValidateTokenAsync(token, new TokenValidationParameters
    {
        ValidIssuer = published.Issuer,
        IssuerSigningKeys = published.Keys,
        ValidAudience = settings.Audience,
        ValidAlgorithms = Algorithms,
        ClockSkew = Skew,
        TryAllIssuerSigningKeys = false,
    });

    private (Principal? Who, Refusal? Refusal) Known(JsonWebToken token)
    {
        var scopes = Values(token, "scope").Concat(Values(token, "scp")).ToHashSet(StringComparer.Ordinal);
        if (settings.Scopes.Where(scope => !scopes.Contains(scope)).ToList() is { Count: > 0 } missing)
        {
            return (null, Insufficient($"The token lacks the scope {string.Join(" and ", missing)}.", scopes));
        }

        var roles = (settings.RolesClaim == "scope" ? scopes : Values(token, settings.RolesClaim)).Aggregate(Roles.None, (all, value) => all | settings.RoleOf.GetValueOrDefault(value));
        return (token.TryGetClaim(settings.NameClaim, out var name), roles) switch
        {
            (false, _) => (null, Wrong($"it has no claim {settings.NameClaim}")),
            _ when name.Value.Length is 0 or > LongestName || name.Value.Any(char.IsControl) || Principal.IsReserved(name.Value) || keys.IsNamed(name.Value) =>
                (null, Wrong($"its {settings.NameClaim} cannot be the name of a principal here")),
            (_, Roles.None) => (null, Insufficient($"The token gives none of the roles {string.Join(", ", Principal.RoleNames)}.", scopes)),
            _ => (new Principal(name.Value, roles, Until: token.ValidTo > DateTime.MaxValue - Skew ? DateTimeOffset.MaxValue : new DateTimeOffset(token.ValidTo, TimeSpan.Zero) + Skew), null),
        };
    }

    // One text with spaces between, as scopes are written, or a list; of a list each is whole, whatever is in it: a group
    // "payroll admin" is no admin.
    private static IEnumerable<string> Values(JsonWebToken token, string claim) =>
        token.TryGetPayloadValue<object>(claim, out var value) && value is string text ? text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : token.Claims.Where(one => one.Type == claim).Select(one => one.Value);

    private static Refusal Wrong(string why) => new(StatusCodes.Status401Unauthorized, "unauthorized", $"The token is not taken: {why}.", "invalid_token");

    private Refusal Insufficient(string why, HashSet<string> held) =>
        new(StatusCodes.Status403Forbidden, "forbidden", why, "insufficient_scope", settings.ScopesToAskFor(held));
}
