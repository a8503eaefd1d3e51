using System.Text;
using System.Text.RegularExpressions;
using MimeKit.Text;

namespace AgentMcp.Server.Triggers;

/// <summary>The text of a mail that is only HTML, with what it quotes marked as in one that is text. Pure.</summary>
internal sealed partial class EmailHtml
{
    /// <summary>What stands for a rule across the page, as readers that mark nothing have it above the mail they reply to.</summary>
    private const string Rule = "________________________________";

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _line = new();
    private int _quotes;

    public static string Plain(string html)
    {
        var plain = new EmailHtml();
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
                case HtmlTagToken tag:
                    plain.Take(tag);
                    break;
                case HtmlDataToken data when !hidden:
                    plain._line.Append(Space().Replace(data.Data, " "));
                    break;
            }
        }

        plain.Break();
        return plain._text.ToString();
    }

    private void Take(HtmlTagToken tag)
    {
        switch (tag.Id)
        {
            case HtmlTagId.Br:
                EndLine();
                break;
            case HtmlTagId.HR:
                Break();
                _line.Append(Rule);
                EndLine();
                break;
            case HtmlTagId.BlockQuote:
                Break();
                _quotes = Math.Max(0, _quotes + (tag.IsEndTag ? -1 : 1));
                break;
            case HtmlTagId.P or HtmlTagId.Div or HtmlTagId.LI or HtmlTagId.TR or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3:
                Break();
                break;
        }
    }

    private void Break()
    {
        if (!string.IsNullOrWhiteSpace(_line.ToString()))
        {
            EndLine();
        }

        _line.Clear();
    }

    private void EndLine()
    {
        // What begins a signature ends in a space.
        _text.Append(_quotes > 0 ? "> " : "").Append(_line.ToString().Trim() is var line && line == "--" ? "-- " : line).Append('\n');
        _line.Clear();
    }

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Space();
}
