using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AgentMcp.Server.Tests.Access;

/// <summary>An identity provider on the loopback interface: it publishes its discovery document and keys, and signs what it is told to.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private RsaSecurityKey _key = NewKey("first");

    private TokenIssuer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    /// <summary>How often its keys were asked for.</summary>
    public int Asked { get; private set; }

    public static async Task<TokenIssuer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new TokenIssuer(builder.Build());
        issuer._app.MapGet("/.well-known/openid-configuration", () => Results.Text(JsonSerializer.Serialize(new { issuer = issuer.Url, jwks_uri = issuer.Url + "/keys" }), "application/json"));
        issuer._app.MapGet("/keys", () =>
        {
            issuer.Asked++;
            var key = issuer._key.Rsa.ExportParameters(false);
            return Results.Text(JsonSerializer.Serialize(new
            {
                keys = new[] { new { kty = "RSA", use = "sig", kid = issuer._key.KeyId, n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } },
            }), "application/json");
        });
        await issuer._app.StartAsync(TestContext.Current.CancellationToken);
        return issuer;
    }

    public static RsaSecurityKey NewKey(string id) => new(RSA.Create(2048)) { KeyId = id };

    /// <summary>From now on it signs with another key and publishes that one alone.</summary>
    public void Rotate(string id) => _key = NewKey(id);

    public string Token(
        string subject = "mia", string? scope = "agents run", string audience = "agentmcp", string? issuer = null, TimeSpan? holds = null, SecurityKey? key = null, string algorithm = "RS256", string[]? groups = null, string scopes = "scope")
    {
        var now = DateTime.UtcNow;
        var (from, until) = holds is { } time && time < TimeSpan.Zero ? (now + time + time, now + time) : (now, now + (holds ?? TimeSpan.FromMinutes(5)));
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Url,
            Audience = audience,
            NotBefore = from,
            IssuedAt = from,
            Expires = until,
            Claims = new Dictionary<string, object> { ["sub"] = subject }.Concat(scope is null ? [] : new Dictionary<string, object> { [scopes] = scope })
                .Concat(groups is null ? [] : new Dictionary<string, object> { ["groups"] = groups }).ToDictionary(),
            SigningCredentials = new(key ?? _key, algorithm),
        });
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
