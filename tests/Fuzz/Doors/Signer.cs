using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMcp.Fuzz.Inputs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Fuzz.Doors;

/// <summary>An issuer of tokens that signs whatever it is told to.</summary>
internal sealed class Signer : IDisposable
{
    public const string Audience = "agentmcp-fuzz";
    public const string Header = """{"alg":"RS256","typ":"JWT","kid":"fuzz"}""";

    private readonly RSA _key = RSA.Create(2048);

    public static string Claims(string issuer, TimeSpan from)
    {
        var begin = DateTimeOffset.UtcNow + from;
        return """{"iss":"@0@","aud":"@1@","sub":"mia","scope":"agents run","nbf":@2@,"iat":@2@,"exp":@3@}"""
            .With(issuer, Audience, $"{begin.ToUnixTimeSeconds()}", $"{begin.AddDays(1).ToUnixTimeSeconds()}");
    }

    public static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public string Sign(string header, string claims)
    {
        var said = $"{Encoded(header)}.{Encoded(claims)}";
        return $"{said}.{Base64Url.EncodeToString(_key.SignData(Encoding.UTF8.GetBytes(said), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public void Map(WebApplication app)
    {
        var key = _key.ExportParameters(false);
        var keys = JsonSerializer.Serialize(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "fuzz", n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } } });
        app.MapGet("/.well-known/openid-configuration", () => Results.Text(JsonSerializer.Serialize(new { issuer = app.Urls.First(), jwks_uri = app.Urls.First() + "/keys" }), "application/json"));
        app.MapGet("/keys", () => Results.Text(keys, "application/json"));
    }

    public void Dispose() => _key.Dispose();
}
