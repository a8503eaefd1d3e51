using System.Text.RegularExpressions;
using MimeKit;

namespace AgentMcp.Server.Triggers;

/// <summary>What somebody wrote in a mail, and what it quotes of those before it. Pure.</summary>
internal sealed partial record EmailWords(string Own, string? Quoted)
{
    /// <summary>A greeting, or "see below", is not longer than this.</summary>
    private const int ShortLine = 40;

    private const string Signature = "-- ";

    public static EmailWords Of(MimeMessage mail)
    {
        var text = (mail.TextBody ?? (mail.HtmlBody is { } html ? EmailHtml.Plain(html) : "")).ReplaceLineEndings("\n");
        var lines = text.Split('\n');
        var end = First(lines, 0, at => Begins(lines, at) || lines[at] == Signature);
        var quote = Array.FindIndex(lines, line => line.StartsWith('>'));
        // What is quoted may come before a signature, or before another mail.
        end = end < 0 || (quote >= 0 && quote < end) ? quote : end;
        // Readers break the line above what they quote where it is long.
        end = end > 0 && end == quote && Attribution().IsMatch(string.Join(' ', lines[Math.Max(0, end - 2)..end]))
            ? Array.FindLastIndex(lines, end, line => AttributionStart().IsMatch(line)) is >= 0 and var at ? at : end
            : end;
        return end < 0 ? new(text.Trim(), null)
            : Joined(lines[..end]) is not { Length: > 0 } own ? Below(lines[end..])
            : (mail.InReplyTo is not null || mail.References.Count > 0) && IsDivided(own, lines[end..]) ? new("", Rest(lines))
            : new(own, Rest(lines[end..]));
    }

    // Some write below what they quote, or in the middle of it. Words at several places are comments, and together no answer.
    private static EmailWords Below(string[] lines)
    {
        var (body, others) = Parts(lines);
        var first = FirstBelow(body);
        if (first < 0)
        {
            return new("", Rest(lines));
        }

        var next = First(body, first, at => IsQuoted(body, at)) is >= 0 and var again ? again : body.Length;
        return First(body, next, at => IsOwn(body, at)) >= 0 ? new("", Rest(lines)) : new(Joined(body[first..next]), Rest([.. body[..first], .. body[next..], .. others]));
    }

    // In a reply words above what is quoted are the answer, also where a mail server has put a line below all of it. They are none
    // where they may be but a greeting, or where it goes on between what is quoted.
    private static bool IsDivided(string above, string[] lines)
    {
        var body = lines[0] == Signature ? [] : Parts(lines).Body;
        return FirstBelow(body) is >= 0 and var first && ((above.Length <= ShortLine && !above.Contains('\n', StringComparison.Ordinal)) || First(body, first, at => IsQuoted(body, at)) >= 0);
    }

    // What may hold words of the sender's own, up to a signature below what is quoted; and what is somebody else's, which is
    // all below a separator, whatever that quotes in turn.
    private static (string[] Body, string[] Others) Parts(string[] lines)
    {
        var others = First(lines, 0, at => Separator().IsMatch(lines[at]) || BeginsHead(lines, at));
        var until = others < 0 ? lines : lines[..others];
        var quote = Array.FindIndex(until, line => line.StartsWith('>'));
        var signature = quote < 0 ? -1 : Array.FindIndex(until, quote, line => line == Signature);
        return (signature < 0 ? until : until[..signature], lines[until.Length..]);
    }

    private static int FirstBelow(string[] body) => Array.FindIndex(body, line => line.StartsWith('>')) is >= 0 and var quote ? First(body, quote, at => IsOwn(body, at)) : -1;

    private static bool Begins(string[] lines, int at) => Separator().IsMatch(lines[at]) || WholeAttribution().IsMatch(lines[at]) || BeginsHead(lines, at);

    // The head of another mail, as readers copy it that mark nothing. From where to where, and when, may be anybody's own words.
    private static bool BeginsHead(string[] lines, int at)
    {
        if (!Header().IsMatch(lines[at]))
        {
            return false;
        }

        var head = lines.Skip(at).Take(8).Where(line => !string.IsNullOrWhiteSpace(line)).Take(4).ToList();
        return head.Any(line => HeaderFrom().IsMatch(line)) && head.Any(line => HeaderAbout().IsMatch(line));
    }

    private static bool IsQuoted(string[] lines, int at) => lines[at].StartsWith('>') || Begins(lines, at);

    private static bool IsOwn(string[] lines, int at) => !IsQuoted(lines, at) && !string.IsNullOrWhiteSpace(lines[at]);

    private static int First(string[] lines, int from, Func<int, bool> holds)
    {
        for (var at = from; at < lines.Length; at++)
        {
            if (holds(at))
            {
                return at;
            }
        }

        return -1;
    }

    private static string Joined(string[] lines) => string.Join('\n', lines).Trim();

    private static string? Rest(string[] lines) =>
        string.Join('\n', lines.SkipWhile(line => line.Length == 0)).Trim() is { Length: > 0 } quoted && lines[0] != Signature ? quoted : null;

    [GeneratedRegex(@"^(-{3,} ?(Original Message|Forwarded message|Ursprüngliche Nachricht|Original-?Nachricht|Weitergeleitete Nachricht|Message d.origine|Message original|Message transféré).*"
        + @"|_{20,}|(Begin forwarded message|Anfang der weitergeleiteten Nachricht|Début du message (réexpédié|transféré))\s?:)\s*$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^(On .{5,200} wrote:|Am .{5,200} schrieb .*:|Le .{5,200} a écrit\s?:)\s*$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex WholeAttribution();

    [GeneratedRegex(@"^\s*(On|Am|Le) .*(wrote|schrieb|a écrit).*:\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex Attribution();

    [GeneratedRegex("^(On|Am|Le) ", RegexOptions.NonBacktracking)]
    private static partial Regex AttributionStart();

    [GeneratedRegex(@"^\*?(From|Sent|Date|To|Cc|Subject|Von|Gesendet|Datum|An|Betreff|De|Envoyé|À|Objet)\s?:\*?\s", RegexOptions.NonBacktracking)]
    private static partial Regex Header();

    [GeneratedRegex(@"^\*?(From|Von|De)\s?:\*?\s", RegexOptions.NonBacktracking)]
    private static partial Regex HeaderFrom();

    [GeneratedRegex(@"^\*?(Sent|Subject|Gesendet|Betreff|Envoyé|Objet)\s?:\*?\s", RegexOptions.NonBacktracking)]
    private static partial Regex HeaderAbout();
}
