using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
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
    private readonly MailRelay _relay;
    private readonly MailboxAddress _from;
    private readonly List<MailboxAddress> _to;
    private ILogger _log = NullLogger.Instance;

    public EmailChannel(ChannelSettings settings)
    {
        (Name, Attempts) = (settings.Name, settings.Attempts);
        var (host, port) = (settings.Get("host"), settings.Number("port", 1, 65_535) ?? 587);
        var security = (settings.Find("security") ?? "starttls") switch
        {
            "starttls" => SecureSocketOptions.StartTls,
            "tls" => SecureSocketOptions.SslOnConnect,
            "none" => SecureSocketOptions.None,
            _ => throw settings.Wrong("security must be starttls, tls or none"),
        };
        (string, string)? login = (settings.Find("user"), settings.Find("password")) switch
        {
            ({ } user, { } password) => (user, password),
            (null, null) => null,
            _ => throw settings.Wrong("user and password go together"),
        };
        _relay = new(host, port, security, login, TimeProvider.System);
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

    private async Task Deliver(EmailHead head, Func<MimeMessage> compose, CancellationToken cancellation)
    {
        foreach (var (number, why) in await _relay.Send(_from, head.To, compose, cancellation).ConfigureAwait(false))
        {
            _log.LogWarning("{Channel}: address {Number} of {Count} was not told: {Why}; the others were", Name, number, head.To.Count, why);
        }
    }
}
