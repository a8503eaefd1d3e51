using System.Globalization;
using System.Text;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Channels.Webhook;

/// <summary>
/// Posts each notice as JSON to one address, signed as Standard Webhooks has it. Of several secrets all sign, so that
/// a receiver can move from one to the next; a message that comes in may be signed by any of them.
/// </summary>
internal sealed class WebhookChannel : IHumanChannel
{
    private const string Prefix = "whsec_";
    private const int LeastBytes = 24;
    private const int MostBytes = 64;

    private readonly Uri _address;
    private readonly List<byte[]> _secrets;

    public WebhookChannel(ChannelSettings settings)
    {
        (Name, Attempts) = (settings.Name, settings.Attempts);
        _address = settings.Address("url");
        _secrets = [.. settings.List("secret").Select(text => Secret(text)
            ?? throw settings.Wrong($"each secret must be {Prefix} and {LeastBytes} to {MostBytes} bytes in base64"))];
    }

    public string Name { get; }

    public int Attempts { get; }

    public async Task<JsonText?> Send(Notice notice, CancellationToken cancellation)
    {
        await Post(notice, cancellation).ConfigureAwait(false);
        return null;
    }

    public Task Update(Notice notice, CancellationToken cancellation) => Post(notice, cancellation);

    /// <summary>Whether one of the secrets signed this, a short while ago.</summary>
    public bool Signed(string id, string timestamp, string signatures, byte[] body, DateTimeOffset now) =>
        id.Length is > 0 and <= 200 && Signatures.IsFresh(timestamp, now) && _secrets
            .Select(secret => Signature(secret, id, timestamp, body))
            .Aggregate(false, (found, own) => signatures.Split(' ').Aggregate(found, (any, given) => Signatures.Same(own, given) | any));

    private Task<string> Post(Notice notice, CancellationToken cancellation)
    {
        var body = Encoding.UTF8.GetBytes(WebhookNotice.Json(notice).Text);
        var timestamp = notice.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return ChannelHttp.Post(_address, body, headers =>
        {
            headers.Add("webhook-id", notice.Id);
            headers.Add("webhook-timestamp", timestamp);
            headers.Add("webhook-signature", string.Join(' ', _secrets.Select(secret => Signature(secret, notice.Id, timestamp, body))));
        }, cancellation);
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
