using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// Who may use the pages: whoever can read the secret kept beside the database, and where keys are taken whoever has
/// one. A sign-in link, used once, or a key becomes a cookie that scripts cannot read and that no other site can send; a form also
/// carries a token of its session, because another port of this machine counts as the same site. Nothing is kept in
/// memory: every process on the same database knows the same sessions, and that of a key ends when it is revoked. Thread-safe.
/// </summary>
/// <param name="keys">Null where no keys are taken.</param>
internal sealed partial class LocalAccess(string database, TimeProvider clock, KeyRing? keys = null)
{
    /// <summary>All pages; any other scope of a session is the one page it may see.</summary>
    public const string Everything = "/";

    private static readonly TimeSpan LongSession = TimeSpan.FromDays(30);
    private static readonly TimeSpan PageSession = TimeSpan.FromDays(1);

    private readonly AccessSecret _secret = new(database + "-access");

    /// <summary>Beside others of this machine: a browser sends a cookie to every port.</summary>
    private string CookieName => "agentmcp_" + _secret.Sign("cookie")[..8];

    /// <summary>A link that signs one browser in, once, and then shows a page.</summary>
    /// <param name="channel">Through what the link is sent; answers given after it are recorded with it.</param>
    /// <param name="scope">All the session may see: <see cref="Everything"/>, or the page itself for a link that leaves the machine.</param>
    public string SignInLink(string site, TimeSpan lifetime, string page = "/", string channel = "inbox", string scope = Everything)
    {
        var expires = (clock.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        var code = Seal("sign-in", Random(), Number(expires), channel, scope, page);
        return $"{site.TrimEnd('/')}/sign-in?code={code}";
    }

    /// <summary>A text without the codes of such links, also of those that a mail server has wrapped into one of its own.</summary>
    public static string WithoutCodes(string text) => Code().Replace(text, match => match.Groups["link"].Value + KnownSecrets.Gone);

    /// <summary>Where a link leads, without using it; null when it is not one of ours, expired or used.</summary>
    public string? PageOf(string? code) =>
        Open("sign-in", code) is [var nonce, _, _, _, var page] && !_secret.IsUsed(nonce) ? page : null;

    /// <summary>Uses a link up. Only for a POST: what merely looks at a link, such as a mail scanner, must not.</summary>
    public string? SignIn(string? code, HttpContext context)
    {
        if (Open("sign-in", code) is not [var nonce, var until, var channel, var scope, var page] || !_secret.Use(nonce, Moment(until)))
        {
            return null;
        }

        Begin(context, clock.GetUtcNow() + (scope == Everything ? LongSession : PageSession), channel, scope, "");
        return page;
    }

    /// <summary>Whether keys are taken on the sign-in page.</summary>
    public bool TakesKeys => keys is not null;

    /// <summary>Signs in the principal whose key this is; false when it is nobody's.</summary>
    public bool SignInWith(string key, HttpContext context)
    {
        if (keys?.Find(key) is not { Key: { } id } who)
        {
            return false;
        }

        var expires = clock.GetUtcNow() + LongSession;
        Begin(context, who.Until < expires ? who.Until.Value : expires, "inbox", Everything, id);
        return true;
    }

    private void Begin(HttpContext context, DateTimeOffset expires, string channel, string scope, string key) =>
        context.Response.Cookies.Append(CookieName, Seal("session", Random(), Number(expires.ToUnixTimeSeconds()), channel, scope, key), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = "/",
            Expires = expires,
            IsEssential = true,
        });

    public void SignOut(HttpContext context) => context.Response.Cookies.Delete(CookieName);

    /// <summary>The session of a request that may see its path; null when it must sign in.</summary>
    public AccessSession? SessionOf(HttpRequest request) =>
        Open("session", request.Cookies[CookieName]) is [var id, _, var channel, var scope, .. var key] && (scope == Everything || request.Path == scope || request.Path == "/sign-out")
            && WhoHas(key) is { } who ? new(id, channel, scope == Everything, who) : null;

    private Principal? WhoHas(string[] key) => key is [{ Length: > 0 } id] ? keys?.ById(id) : Principal.Local;

    /// <summary>What every form of a session carries.</summary>
    public string FormToken(AccessSession session) => _secret.Sign("form\n" + session.Id);

    public bool IsFormOf(AccessSession session, string? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(FormToken(session)));

    private string Seal(string purpose, params string[] fields)
    {
        var text = string.Join('\n', fields);
        return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{_secret.Sign($"{purpose}\n{text}")}";
    }

    // The second field is always when it expires.
    private string[]? Open(string purpose, string? seal)
    {
        if (seal?.Split('.') is not [var sealedText, var signature] || sealedText.Length > 2000 || !Base64Url.IsValid(sealedText))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(sealedText));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), Encoding.UTF8.GetBytes(_secret.Sign($"{purpose}\n{text}")))
            && text.Split('\n') is [_, var expires, ..] fields && Moment(expires) > clock.GetUtcNow() ? fields : null;
    }

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset Moment(string seconds) => DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(?<link>(/|%2F)sign-in(\?|%3F)code(=|%3D))[A-Za-z0-9_.%-]+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Code();
}

/// <param name="Channel">Through what this person came; the log records it with their answers.</param>
/// <param name="SeesEverything">False for one who was sent a link to a single page.</param>
internal sealed record AccessSession(string Id, string Channel, bool SeesEverything, Principal Who);
