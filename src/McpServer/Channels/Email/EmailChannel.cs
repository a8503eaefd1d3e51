using System.Globalization;
using System.Net.Sockets;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MimeKit;
using MimeKit.Utils;

namespace AgentMcp.Server.Channels.Email;

/// <summary>
/// Mails a few people through an SMTP server. A mail holds a link that opens the page of the request and nothing that
/// answers by being looked at. All mails of a thread are one conversation; a mail that is sent twice has the same id.
/// </summary>
internal sealed class EmailChannel : IHumanChannel
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _host;
    private readonly int _port;
    private readonly SecureSocketOptions _security;
    private readonly (string User, string Password)? _login;
    private readonly MailboxAddress _from;
    private readonly List<MailboxAddress> _to;
    private ILogger _log = NullLogger.Instance;

    public EmailChannel(ChannelSettings settings)
    {
        (Name, Attempts, _host) = (settings.Name, settings.Attempts, settings.Get("host"));
        _port = settings.Number("port", 1, 65_535) ?? 587;
        _security = (settings.Find("security") ?? "starttls") switch
        {
            "starttls" => SecureSocketOptions.StartTls,
            "tls" => SecureSocketOptions.SslOnConnect,
            "none" => SecureSocketOptions.None,
            _ => throw settings.Wrong("security must be starttls, tls or none"),
        };
        _login = (settings.Find("user"), settings.Find("password")) switch
        {
            ({ } user, { } password) => (user, password),
            (null, null) => null,
            _ => throw settings.Wrong("user and password go together"),
        };
        _from = MailboxAddress.TryParse(settings.Get("from"), out var from) && from.Domain.Length > 0 ? from : throw settings.Wrong("from must be one e-mail address");
        _to = InternetAddressList.TryParse(settings.Get("to"), out var to) && to.Mailboxes.Any() && to.Mailboxes.All(one => one.Domain.Length > 0)
            ? [.. to.Mailboxes] : throw settings.Wrong("to must be e-mail addresses, separated by commas");
    }

    public string Name { get; }

    public int Attempts { get; }

    /// <summary>The address its mails come from.</summary>
    public string From => _from.Address;

    public void LogTo(ILogger log) => _log = log;

    public async Task<JsonText?> Send(Notice notice, CancellationToken cancellation)
    {
        await Deliver(notice, cancellation).ConfigureAwait(false);
        return JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("message_id", IdOf(notice));
            json.WriteEndObject();
        });
    }

    // Whoever wrote the mail that a thread came from hears how the thread ends, and that is enough.
    public Task Update(Notice notice, CancellationToken cancellation) =>
        notice.Delivery.Told.Any(told => told.Request == notice.Delivery.Request && !told.IsReply) ? Deliver(notice, cancellation) : Task.CompletedTask;

    public Task Say(JsonText place, string words, CancellationToken cancellation)
    {
        var head = EmailHead.Of(EmailPlace.Read(place));
        return Deliver(head, () =>
        {
            var mail = Begin(head, MimeUtils.GenerateMessageId(_from.Domain), TimeProvider.System.GetUtcNow());
            mail.Body = new TextPart("plain") { Text = words + "\n", ContentTransferEncoding = ContentEncoding.QuotedPrintable };
            return mail;
        }, cancellation);
    }

    private Task Deliver(Notice notice, CancellationToken cancellation)
    {
        var head = EmailHead.Of(notice, _to);
        return Deliver(head, () => Compose(notice, head), cancellation);
    }

    private string IdOf(Notice notice) => $"{notice.Id}@{_from.Domain}";

    // One message, but for its link: that works once, so everybody gets their own.
    private MimeMessage Compose(Notice notice, EmailHead head)
    {
        var mail = Begin(head, IdOf(notice), notice.At);
        var link = notice.IsOpen ? notice.Links.Once(notice.Request, notice.Asked, "email:" + Name) : null;
        mail.Body = new MultipartAlternative(
            new TextPart("plain") { Text = EmailText.Plain(notice, link), ContentTransferEncoding = ContentEncoding.QuotedPrintable },
            new TextPart("html") { Text = EmailText.Html(notice, link), ContentTransferEncoding = ContentEncoding.QuotedPrintable });
        return mail;
    }

    private MimeMessage Begin(EmailHead head, string id, DateTimeOffset at)
    {
        var mail = new MimeMessage { Subject = head.Subject, MessageId = id, Date = at, InReplyTo = head.InReplyTo };
        mail.From.Add(_from);
        mail.To.AddRange(head.To);
        // Nobody's "I am away" comes back, and no list sends it on.
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        mail.References.AddRange(head.References);
        return mail;
    }

    // What the server says may quote an address, so only its number is told.
    private async Task Deliver(EmailHead head, Func<MimeMessage> compose, CancellationToken cancellation)
    {
        using var smtp = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        try
        {
            await smtp.ConnectAsync(_host, _port, _security, cancellation).ConfigureAwait(false);
            if (_login is var (user, password))
            {
                await smtp.AuthenticateAsync(user, password, cancellation).ConfigureAwait(false);
            }

            await SendAll(smtp, head.To, compose, cancellation).ConfigureAwait(false);
        }
        catch (SmtpCommandException e)
        {
            throw new DeliveryException(string.Create(CultureInfo.InvariantCulture, $"the mail server answered {(int)e.StatusCode}"), cause: e);
        }
        catch (AuthenticationException e)
        {
            throw new DeliveryException("the mail server does not accept the user and password", cause: e);
        }
        catch (SslHandshakeException e)
        {
            throw new DeliveryException("the mail server's certificate is not trusted, or it has no TLS", cause: e);
        }
        catch (Exception e) when (e is SocketException or IOException or ProtocolException or TimeoutException or NotSupportedException or ServiceNotConnectedException)
        {
            throw new DeliveryException($"the mail server could not be reached, or broke off ({e.GetType().Name})", cause: e);
        }

        await Leave(smtp, cancellation).ConfigureAwait(false);
    }

    // An address that is refused keeps nobody else from being told: tried again, all before it would be told each time.
    private async Task SendAll(SmtpClient smtp, IReadOnlyList<MailboxAddress> to, Func<MimeMessage> compose, CancellationToken cancellation)
    {
        List<(int Number, SmtpCommandException Why)> refused = [];
        foreach (var (i, recipient) in to.Index())
        {
            using var mail = compose();
            try
            {
                await smtp.SendAsync(mail, _from, [recipient], cancellation).ConfigureAwait(false);
            }
            catch (SmtpCommandException e)
            {
                refused.Add((i + 1, e));
            }
        }

        if (refused.Count == to.Count)
        {
            throw refused[^1].Why;
        }

        foreach (var (number, why) in refused)
        {
            _log.LogWarning("{Channel}: the mail server refused address {Number} of {Count} with {Status}; the others were told", Name, number, to.Count, (int)why.StatusCode);
        }
    }

    // The mail is the server's by now; that it hangs up before it is told goodbye changes nothing.
    private static async Task Leave(SmtpClient smtp, CancellationToken cancellation)
    {
        await smtp.DisconnectAsync(quit: true, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
