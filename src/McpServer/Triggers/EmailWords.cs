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
        // Readers break the line above what they quote where it is long.
        end = end >= 0 ? end : Array.FindIndex(lines, line => line.StartsWith('>'));
        end = end > 0 && lines[end].StartsWith('>') && Attribution().IsMatch(string.Join(' ', lines[Math.Max(0, end - 2)..end]))
            ? Array.FindLastIndex(lines, end, line => AttributionStart().IsMatch(line)) is >= 0 and var at ? at : end
            : end;
        return end < 0 ? new(text.Trim(), null) : new(string.Join('\n', lines[..end]).Trim(), Rest(lines[end..]));
    }

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
