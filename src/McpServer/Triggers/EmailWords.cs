using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using MimeKit.Text;

namespace AgentMcp.Server.Triggers;

/// <summary>What somebody wrote in a mail, and what it quotes of those before it. Pure.</summary>
internal sealed partial record EmailWords(string Own, string? Quoted)
{
    public static EmailWords Of(MimeMessage mail)
    {
        var text = (mail.TextBody ?? (mail.HtmlBody is { } html ? Plain(html) : "")).ReplaceLineEndings("\n");
        var lines = text.Split('\n');
        var end = Array.FindIndex(lines, line => Begins().IsMatch(line) || line == "-- ");
        var quote = Array.FindIndex(lines, line => line.StartsWith('>'));
        // What is quoted may come before a signature, or before another mail.
        end = end < 0 || (quote >= 0 && quote < end) ? quote : end;
        // Readers break the line above what they quote where it is long.
        end = end > 0 && end == quote && Attribution().IsMatch(string.Join(' ', lines[Math.Max(0, end - 2)..end]))
            ? Array.FindLastIndex(lines, end, line => AttributionStart().IsMatch(line)) is >= 0 and var at ? at : end
            : end;
        return end < 0 ? new(text.Trim(), null) : Joined(lines[..end]) is { Length: > 0 } own ? new(own, Rest(lines[end..])) : Below(lines[end..]);
    }

    // Some write below what they quote, or in the middle of it. Words at several places are comments, and together no answer.
    private static EmailWords Below(string[] lines)
    {
        // Below a separator all is somebody else's, whatever that quotes in turn.
        var others = Array.FindIndex(lines, line => Begins().IsMatch(line) && line[0] is '-' or '_');
        var until = others < 0 ? lines : lines[..others];
        var quote = Array.FindIndex(until, line => line.StartsWith('>'));
        var signature = quote < 0 ? -1 : Array.FindIndex(until, quote, line => line == "-- ");
        var body = signature < 0 ? until : until[..signature];
        var first = quote < 0 ? -1 : Array.FindIndex(body, quote, IsOwn);
        if (first < 0)
        {
            return new("", Rest(lines));
        }

        var next = Array.FindIndex(body, first, IsQuoted) is >= 0 and var again ? again : body.Length;
        return body[next..].Any(IsOwn) ? new("", Rest(lines)) : new(Joined(body[first..next]), Rest([.. body[..first], .. body[next..], .. lines[until.Length..]]));
    }

    private static bool IsQuoted(string line) => line.StartsWith('>') || Begins().IsMatch(line);

    private static bool IsOwn(string line) => !IsQuoted(line) && !string.IsNullOrWhiteSpace(line);

    private static string Joined(string[] lines) => string.Join('\n', lines).Trim();

    private static string? Rest(string[] lines) =>
        string.Join('\n', lines.SkipWhile(line => line.Length == 0)).Trim() is { Length: > 0 } quoted && lines[0] != "-- " ? quoted : null;

    private static string Plain(string html)
    {
        var text = new StringBuilder();
        using var reader = new StringReader(html);
        var tokens = new HtmlTokenizer(reader);
        var hidden = false;
        while (tokens.ReadNextToken(out var token))
        {
            switch (token)
            {
                case HtmlTagToken { Id: HtmlTagId.Script or HtmlTagId.Style or HtmlTagId.Head } tag:
                    hidden = !tag.IsEndTag && !tag.IsEmptyElement;
                    break;
                case HtmlTagToken { Id: HtmlTagId.Br or HtmlTagId.P or HtmlTagId.Div or HtmlTagId.LI or HtmlTagId.TR or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 } tag when tag.IsEndTag || tag.Id == HtmlTagId.Br:
                    text.Append('\n');
                    break;
                case HtmlDataToken data when !hidden:
                    text.Append(Space().Replace(data.Data, " "));
                    break;
            }
        }

        return text.ToString();
    }

    [GeneratedRegex(@"^(-{3,} ?(Original Message|Forwarded message|Ursprüngliche Nachricht).*|_{20,}|On .{5,200} wrote:|Am .{5,200} schrieb .*:)\s*$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Begins();

    [GeneratedRegex(@"^\s*(On|Am) .*(wrote|schrieb).*:\s*$", RegexOptions.NonBacktracking)]
    private static partial Regex Attribution();

    [GeneratedRegex("^(On|Am) ", RegexOptions.NonBacktracking)]
    private static partial Regex AttributionStart();

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Space();
}
