using AgentMcp.Server.Hosting;

namespace AgentMcp.Server.Access;

/// <summary>Whose tokens are taken, and what of them is read.</summary>
/// <param name="Scopes">Those a token must have.</param>
/// <param name="RoleOf">What a value of the claim of roles gives.</param>
internal sealed record OidcSettings(Uri Authority, string Audience, IReadOnlyList<string> Scopes, string NameClaim, string RolesClaim, IReadOnlyDictionary<string, Roles> RoleOf)
{
    /// <summary>
    /// The scopes a client asks for: those a token must have, with one that gives a role where scopes do. That is the
    /// smallest with which agents can be run: all of them would make each client's model an approver.
    /// </summary>
    /// <param name="held">The scopes of a token that was shown; those of them that give roles are to stay.</param>
    public IReadOnlyList<string> ScopesToAskFor(IReadOnlyCollection<string>? held = null)
    {
        if (RolesClaim is not ("scope" or "scp"))
        {
            return Scopes;
        }

        List<string> given = [.. RoleOf.Keys.Where(scope => held?.Contains(scope) == true)];
        return [.. Scopes.Union(given.Count > 0 ? given
            : RoleOf.OrderByDescending(pair => pair.Value.HasFlag(Roles.Run)).ThenBy(pair => pair.Value).Select(pair => pair.Key).Take(1))];
    }

    public static OidcSettings Read(Func<string, string?> get)
    {
        var authority = Uri.TryCreate(get("oidc_authority"), UriKind.Absolute, out var issuer) && (issuer.Scheme == "https" || (issuer.Scheme == "http" && issuer.IsLoopback))
            ? issuer : throw new SettingsException($"The setting oidc_authority must be the https address of the issuer, not '{get("oidc_authority")}'.", "oidc_authority");
        var audience = get("oidc_audience") ?? throw new SettingsException("The setting oidc_audience is needed: a token for anybody else must not open this server.", "oidc_audience");
        return new(authority, audience, AccessSettings.List(get("oidc_scopes")), get("oidc_name_claim")!, get("oidc_roles_claim")!, Map(get("oidc_roles")));
    }

    private static Dictionary<string, Roles> Map(string? text)
    {
        var map = new Dictionary<string, Roles>(StringComparer.Ordinal);
        foreach (var pair in text is null ? Principal.RoleNames.Select(name => $"{name}={name}") : AccessSettings.List(text))
        {
            if (pair.Split('=', 2) is not [var name, { Length: > 0 } value] || Principal.RoleOf(name) is not { } role)
            {
                throw new SettingsException($"The setting oidc_roles must hold pairs such as run=agents:run, with one of the roles {string.Join(", ", Principal.RoleNames)} first; '{pair}' is none.", "oidc_roles");
            }

            map[value] = map.GetValueOrDefault(value) | role;
        }

        return map;
    }
}
