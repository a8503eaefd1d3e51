using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol.Apps;

internal enum CardToken
{
    Genuine,
    Expired,
    Foreign,
}

/// <summary>
/// What a card shows to prove that the host gave it a request. Tokens travel in the <c>_meta</c> of results alone, which
/// a host hands to its view and not to its model: a model that calls the card's tools by name has none, and cannot
/// make one. Each is good for one thread, one request (which takes one answer) and one principal, for a while. A
/// client that shows its model the raw results is beyond this, as one that fills in its own forms is: it is the host
/// that is trusted to tell its person and its model apart.
/// </summary>
internal sealed class CardTokens(Func<byte[]> key, TimeSpan lifetime, TimeProvider clock)
{
    private const string Purpose = "agentmcp card 1";
    private readonly Lazy<byte[]> _key = new(key, LazyThreadSafetyMode.PublicationOnly);

    /// <param name="request">Null for a token to look at the thread only.</param>
    /// <exception cref="RefusedException">There is no key.</exception>
    public string Issue(ThreadId thread, RequestId? request, string principal)
    {
        var expires = (clock.GetUtcNow() + lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{expires}.{Base64Url.EncodeToString(Mac(thread, request, principal, expires))}";
    }

    /// <inheritdoc cref="Issue"/>
    public CardToken Check(string token, ThreadId thread, RequestId? request, string principal) =>
        token.Split('.') is [var expires, var mac]
        && long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Base64Url.IsValid(mac) && CryptographicOperations.FixedTimeEquals(Mac(thread, request, principal, expires), Base64Url.DecodeFromChars(mac))
            ? seconds > clock.GetUtcNow().ToUnixTimeSeconds() ? CardToken.Genuine : CardToken.Expired
            : CardToken.Foreign;

    // The principal comes last: it is the only part that may hold any character.
    private byte[] Mac(ThreadId thread, RequestId? request, string principal, string expires) =>
        HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes($"{Purpose}\n{thread}\n{request?.In(thread)}\n{expires}\n{principal}"));
}
