using System.Globalization;

namespace AgentMcp.Server.Channels.Webhook;

/// <summary>
/// Secrets as Standard Webhooks has them. Of several all sign, so that a receiver can move from one to the next; what
/// comes in may be signed by any of them.
/// </summary>
internal sealed class WebhookSecrets
{
    private const string Prefix = "whsec_";
    private const int LeastBytes = 24;
    private const int MostBytes = 64;

    private readonly List<byte[]> _secrets;

    public WebhookSecrets(NamedSettings settings) => _secrets = [.. settings.List("secret").Select(text => Secret(text)
        ?? throw settings.Wrong($"each secret must be {Prefix} and {LeastBytes} to {MostBytes} bytes in base64"))];

    /// <summary>Whether one of the secrets signed this, a short while ago.</summary>
    public bool Signed(string id, string timestamp, string signatures, byte[] body, DateTimeOffset now) =>
        id.Length is > 0 and <= 200 && Signatures.IsFresh(timestamp, now) && _secrets
            .Select(secret => Signature(secret, id, timestamp, body))
            .Aggregate(false, (found, own) => signatures.Split(' ').Aggregate(found, (any, given) => Signatures.Same(own, given) | any));

    /// <summary>The headers that go with a body.</summary>
    public IEnumerable<(string Name, string Value)> Sign(string id, DateTimeOffset at, byte[] body)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return [("webhook-id", id), ("webhook-timestamp", timestamp),
            ("webhook-signature", string.Join(' ', _secrets.Select(secret => Signature(secret, id, timestamp, body))))];
    }

    private static string Signature(byte[] secret, string id, string timestamp, byte[] body) =>
        "v1," + Convert.ToBase64String(Signatures.Of(secret, $"{id}.{timestamp}.", body));

    private static byte[]? Secret(string text)
    {
        var bytes = new byte[MostBytes];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length >= LeastBytes
            ? bytes[..length] : null;
    }
}
