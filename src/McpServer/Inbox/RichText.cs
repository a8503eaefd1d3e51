using System.Text.RegularExpressions;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// The little Markdown that questions and contexts use: paragraphs, lists, headings, code, bold and links to web
/// addresses, whose host is always shown. Anything else is plain text. Pure.
/// </summary>
internal static class RichText
{
    private const int LongestMarked = 100_000;

    // Not backtracking: the text is foreign, and must not be able to keep the server busy.
    private static readonly Regex Bullet = new(@"^\s*[-*•]\s+", RegexOptions.NonBacktracking);
    private static readonly Regex Number = new(@"^\s*\d{1,3}[.)]\s+", RegexOptions.NonBacktracking);
    private static readonly Regex Heading = new(@"^#{1,6}\s+", RegexOptions.NonBacktracking);
    private static readonly Regex Marks = new(
        """\*\*(?<bold>[^*\n]+)\*\*|`(?<code>[^`\n]+)`|\[(?<words>[^\]\n]+)\]\((?<link>https?://[^\s()<>"]+)\)|(?<address>https?://[^\s<>"()]+)""",
        RegexOptions.NonBacktracking);

    public static Html Of(string text)
    {
        if (text.Length > LongestMarked)
        {
            return Html.Of($"""<pre class="plain-text">{text}</pre>""");
        }

        var lines = new Queue<string>(text.ReplaceLineEndings("\n").TrimEnd().Split('\n'));
        return Html.Of($"""<div class="rich">{Blocks(lines).ToList()}</div>""");
    }

    private static IEnumerable<Html> Blocks(Queue<string> lines)
    {
        while (lines.TryPeek(out var line))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                lines.Dequeue();
            }
            else if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                lines.Dequeue();
                var code = string.Join('\n', Take(lines, one => !one.TrimStart().StartsWith("```", StringComparison.Ordinal)));
                lines.TryDequeue(out _);
                yield return Html.Of($"<pre><code>{code}</code></pre>");
            }
            else if (Bullet.IsMatch(line))
            {
                yield return Html.Of($"<ul>{Take(lines, Bullet.IsMatch).Select(one => Item(Bullet, one)).ToList()}</ul>");
            }
            else if (Number.IsMatch(line))
            {
                yield return Html.Of($"<ol>{Take(lines, Number.IsMatch).Select(one => Item(Number, one)).ToList()}</ol>");
            }
            else if (Heading.IsMatch(line))
            {
                yield return Html.Of($"""<p class="heading">{Inline(Heading.Replace(lines.Dequeue(), ""))}</p>""");
            }
            else
            {
                var words = Take(lines, one => !string.IsNullOrWhiteSpace(one) && !Bullet.IsMatch(one) && !Number.IsMatch(one) && !one.TrimStart().StartsWith("```", StringComparison.Ordinal));
                yield return Html.Of($"<p>{Inline(string.Join('\n', words))}</p>");
            }
        }
    }

    private static Html Item(Regex mark, string line) => Html.Of($"<li>{Inline(mark.Replace(line, "", 1))}</li>");

    private static List<string> Take(Queue<string> lines, Func<string, bool> belongs)
    {
        var taken = new List<string>();
        while (lines.TryPeek(out var line) && belongs(line))
        {
            taken.Add(lines.Dequeue());
        }

        return taken;
    }

    private static Html Inline(string text)
    {
        var parts = new List<Html>();
        var from = 0;
        foreach (Match mark in Marks.Matches(text))
        {
            parts.Add(Html.Of($"{text[from..mark.Index]}"));
            parts.Add(Marked(mark));
            from = mark.Index + mark.Length;
        }

        parts.Add(Html.Of($"{text[from..]}"));
        return Html.Join(parts);
    }

    private static Html Marked(Match mark) => mark.Groups switch
    {
        var g when g["bold"].Success => Html.Of($"<strong>{Inline(g["bold"].Value)}</strong>"),
        var g when g["code"].Success => Html.Of($"<code>{g["code"].Value}</code>"),
        var g when g["link"].Success => Link(g["link"].Value, g["words"].Value),
        var g => Link(g["address"].Value.TrimEnd('.', ',', ';', ':', '!', '?'), null, g["address"].Value),
    };

    // Words may claim to lead anywhere, so the host they really lead to stands beside them.
    private static Html Link(string address, string? words, string? whole = null) =>
        Uri.TryCreate(address, UriKind.Absolute, out var target) && target.Scheme is "https" or "http"
            ? Html.Of($"""<a href="{target.AbsoluteUri}" target="_blank" rel="noopener noreferrer">{words ?? address}</a>{(words is null ? whole?[address.Length..] : $" ({target.IdnHost})")}""")
            : Html.Of($"{words} {address}");
}
