using AgentMcp.Server.Access;

namespace AgentMcp.Server.Hosting;

/// <summary>The rows of settings on who may come in.</summary>
internal sealed partial class Settings
{
    private static readonly (string Name, string? Default, string Meaning)[] AccessRows =
    [
        ("auth", "none", "Who may come in over HTTP: none (whoever is on this machine), keys, oidc or keys,oidc."),
        ("bind", "localhost", "Where agentmcp http listens: localhost, an address of this machine, or * for all; all but localhost need auth."),
        ("hosts", null, "Names this server is reached by, beside that of public_url, separated by commas; they need auth."),
        ("proxies", null, "Addresses or networks of reverse proxies whose X-Forwarded-* headers are believed, separated by commas."),
        ("oidc_authority", null, "oidc: the issuer, which publishes /.well-known/openid-configuration."),
        ("oidc_audience", null, "oidc: the audience a token must be for."),
        ("oidc_scopes", null, "oidc: scopes a token must have, separated by spaces."),
        ("oidc_name_claim", "sub", "oidc: the claim that names the principal."),
        ("oidc_roles_claim", "scope", "oidc: the claim that holds roles or scopes."),
        ("oidc_roles", null, "oidc: which of its values give which role, such as run=agents:run approve=agents:approve; by default the roles' own names."),
    ];

    /// <summary>Who has to show what, and where the server listens.</summary>
    public AccessSettings Access { get; }
}
