using AgentMcp.Server.Channels.Email;
using AgentMcp.Server.Channels.Webhook;
using AgentMcp.State.Threads;
using MimeKit;
using MimeKit.Cryptography;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Triggers;

/// <summary>
/// Mails as they came, posted by whatever receives them and signed as Standard Webhooks has it. That signature vouches
/// for the relay and not for the sender of the mail: who that is counts for certain only where <c>verified_by</c> names
/// the mail server that checked it. What machines send by themselves is not answered.
/// </summary>
internal sealed class EmailTrigger : ITrigger
{
    private readonly TriggerSettings _settings;
    private readonly WebhookSecrets _secrets;
    private readonly EmailChannel? _channel;
    private readonly string? _verifier;

    public EmailTrigger(TriggerSettings settings)
    {
        (_settings, _channel, _verifier) = (settings, settings.Through<EmailChannel>(), settings.Find("verified_by"));
        _secrets = settings.Find("secret") is not null ? new(settings) : throw settings.Wrong("it needs a secret, with which mails are signed that are posted to it");
    }

    public string Name => _settings.Name;

    public string Type => _settings.Type;

    public Receipt Read(Post post)
    {
        if (!_secrets.Signed(post.Header("webhook-id"), post.Header("webhook-timestamp"), post.Header("webhook-signature"), post.Body, post.At))
        {
            return Receipt.BadSignature;
        }

        try
        {
            using var bytes = new MemoryStream(post.Body);
            using var mail = MimeMessage.Load(bytes);
            return Read(mail, post.Header("webhook-id"));
        }
        catch (FormatException)
        {
            return NoMail;
        }
    }

    private static Receipt.Refused NoMail => new(Status400BadRequest, "invalid_body", "That is no mail. Post the message as it came (message/rfc822), with its From header.");

    private Receipt Read(MimeMessage mail, string delivery)
    {
        if (mail.From.Mailboxes.FirstOrDefault() is not { Address: { Length: > 0 } sender } from || !sender.Contains('@', StringComparison.Ordinal))
        {
            return NoMail;
        }

        // A check may have been of one of them while another is taken for the sender.
        if (mail.From.Mailboxes.Skip(1).Any() || mail.Headers.Count(header => header.Id == HeaderId.From) > 1)
        {
            return new Receipt.Ignored("it names several senders");
        }

        string?[] recipients = [.. mail.To.Mailboxes.Concat(mail.Cc.Mailboxes).Select(one => one.Address)];
        var text = EmailWords.Of(mail);
        return (Automatic(mail, sender), _settings.LetsIn(sender), Verified(mail, from), _settings.AgentFor(recipients)) switch
        {
            ({ } why, _, _, _) => new Receipt.Ignored(why),
            (_, false, _, _) => new Receipt.Ignored("its sender is not one this trigger listens to"),
            (_, _, false, _) => new Receipt.Ignored($"{_verifier} has not verified its sender"),
            (_, _, _, null) => new Receipt.Ignored("no agent is for this address"),
            (_, _, _, { } agent) => new Receipt.Taken(mail.MessageId ?? delivery, new Incoming.Message(
                agent, sender, Shown.EmailTag, Shown.Email(Named(from), string.Join(", ", mail.To.Mailboxes.Select(Named)), mail.Subject, text.Own, text.Quoted is null ? [] : [new(Content: text.Quoted)]),
                text.Own, IsVouched: _verifier is not null,
                Conversation(mail) ?? delivery, [.. mail.References.Append(mail.InReplyTo).OfType<string>()], _channel?.Name,
                new EmailPlace(from.ToString(), mail.Subject, mail.MessageId, [.. mail.References]).Json(), About: About(mail), Subject: mail.Subject)),
        };
    }

    // What a machine sent by itself would be answered by that machine, and so on for ever.
    private string? Automatic(MimeMessage mail, string sender) =>
        sender.Equals(_channel?.From, StringComparison.OrdinalIgnoreCase) ? "it is from this server itself"
        : mail.Headers[HeaderId.AutoSubmitted] is { } submitted && !submitted.Trim().Equals("no", StringComparison.OrdinalIgnoreCase) ? "it was sent by a machine"
        : mail.Headers[HeaderId.Precedence]?.Trim().ToUpperInvariant() is "BULK" or "LIST" or "JUNK" || mail.Headers.Contains(HeaderId.ListId) ? "it came over a list"
        : mail.Headers[HeaderId.ReturnPath]?.Trim() == "<>" ? "it says that another mail could not be delivered"
        : null;

    // Each server that a mail passes puts its own on top, and whoever wrote the mail may have written any below.
    private bool Verified(MimeMessage mail, MailboxAddress from) => _verifier is null
        || (mail.Headers.FirstOrDefault(header => header.Id == HeaderId.AuthenticationResults) is { } top
            && AuthenticationResults.TryParse(top.RawValue, out var checks)
            && string.Equals(checks.AuthenticationServiceIdentifier, _verifier, StringComparison.OrdinalIgnoreCase)
            && checks.Results.Any(check => check.Method == "dmarc" && check.Result == "pass" && IsOf(check, from)));

    // Some verifiers name the domain whose policy it is, which may be one above the sender's; which domain is taken for which
    // is theirs to say.
    private static bool IsOf(AuthenticationMethodResult check, MailboxAddress from) => check.Properties
        .Where(one => one.PropertyType.Equals("header", StringComparison.OrdinalIgnoreCase) && one.Property.Equals("from", StringComparison.OrdinalIgnoreCase))
        .All(one => $".{Domain(from.Address)}".EndsWith($".{Domain(one.Value)}", StringComparison.OrdinalIgnoreCase));

    private static string Domain(string address) => MailboxAddress.EncodeAddrspec("x@" + address[(address.LastIndexOf('@') + 1)..])[2..];

    // In brackets of another kind: a prompt makes what looks like a tag unreadable.
    private static string Named(MailboxAddress one) => string.IsNullOrWhiteSpace(one.Name) ? one.Address : $"{one.Name} ({one.Address})";

    private static string? Conversation(MimeMessage mail) => mail.References.FirstOrDefault() ?? mail.InReplyTo ?? mail.MessageId;

    /// <summary>The request whose mail this replies to, where that is one of ours: its id begins with that of the request.</summary>
    private static string? About(MimeMessage mail) => mail.InReplyTo?.Split('@')[0] is { } id && id.LastIndexOf('_') is > 0 and var end
        && RequestId.TryParse(id[..end], out _, out _) ? id[..end] : null;
}
