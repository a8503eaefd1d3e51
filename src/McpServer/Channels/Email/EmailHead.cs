using System.Text.Json;
using AgentMcp.State.Sqlite;
using MimeKit;

namespace AgentMcp.Server.Channels.Email;

/// <summary>To whom a mail goes and which conversation it belongs to: that of the mail it replies to, or one of the thread's own. Pure.</summary>
internal sealed record EmailHead(IReadOnlyList<MailboxAddress> To, string Subject, string? InReplyTo, IReadOnlyList<string> References)
{
    private const string Re = "Re: ";

    public static EmailHead Of(Notice notice, IReadOnlyList<MailboxAddress> to)
    {
        if (notice.Delivery is { IsReply: true, Place: { } place })
        {
            return Of(EmailPlace.Read(place.Address));
        }

        List<string> earlier = [.. notice.Delivery.Told.Where(told => !told.IsReply).Select(IdOf).OfType<string>()];
        return new(to, EmailText.Subject(notice),
            notice.Delivery.Told.Where(told => told.Request == notice.Delivery.Request && !told.IsReply).Select(IdOf).LastOrDefault() ?? earlier.LastOrDefault(), earlier);
    }

    public static EmailHead Of(EmailPlace place)
    {
        var subject = place.Subject is { Length: > 0 } given ? string.Join(' ', given.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : "your message";
        return new([MailboxAddress.Parse(place.To)], subject.StartsWith(Re.TrimEnd(), StringComparison.OrdinalIgnoreCase) ? subject : Re + subject,
            place.MessageId, place.MessageId is null ? place.References : [.. place.References, place.MessageId]);
    }

    private static string? IdOf(Told told) => told.Reference?.Element() is { ValueKind: JsonValueKind.Object } reference
        && reference.TryGetProperty("message_id", out var id) ? id.GetString() : null;
}
