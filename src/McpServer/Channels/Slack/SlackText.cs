using System.Text;
using System.Text.RegularExpressions;
using AgentMcp.Server.Hosting;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>Foreign text for Slack: it cannot mention or link, hides nothing, and is cut where Slack would refuse it. Pure.</summary>
internal static partial class SlackText
{
    /// <summary>The most of a section.</summary>
    public const int Section = 3000;

    /// <summary>The most of the label of a button or an option.</summary>
    public const int Label = 75;

    private const string Cut = "…";

    /// <summary>For a field of mrkdwn: the three characters that begin anything are encoded.</summary>
    public static string Encoded(string text, int most = Section) => Within(text, most, rune => rune.Value switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        _ => rune.ToString(),
    });

    /// <summary>For a field of plain text.</summary>
    public static string Plain(string text, int most) => Within(text, most, rune => rune.ToString());

    /// <summary>What somebody typed, as a person reads it, without the mention of the bot that it is said to.</summary>
    public static string Decoded(string text, IEnumerable<string?> bots)
    {
        var said = bots.Aggregate(text, (left, bot) => bot is null ? left : left.Replace($"<@{bot}>", "", StringComparison.Ordinal));
        return Reference().Replace(said, Read).Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal).Trim();
    }

    // <@U1>, <#C1|name>, <!here>, <https://...|label>
    private static string Read(Match reference)
    {
        var (sign, target, label) = (reference.Groups["sign"].Value, reference.Groups["target"].Value, reference.Groups["label"].Value);
        return sign switch
        {
            "@" or "!" => "@" + (label.Length > 0 ? label.TrimStart('@') : target),
            "#" => "#" + (label.Length > 0 ? label : target),
            _ => target.StartsWith("mailto:", StringComparison.Ordinal) && label.Length > 0 ? label : target,
        };
    }

    [GeneratedRegex("<(?<sign>[@#!]?)(?<target>[^<>|]*)(\\|(?<label>[^<>]*))?>", RegexOptions.NonBacktracking)]
    private static partial Regex Reference();

    // Cut between characters: never inside an encoded one, nor inside a pair.
    private static string Within(string text, int most, Func<Rune, string> encode)
    {
        var result = new StringBuilder();
        var fitting = 0;
        foreach (var next in Visible.Of(text).EnumerateRunes().Select(encode))
        {
            result.Append(next);
            fitting = result.Length <= most - Cut.Length ? result.Length : fitting;
            if (result.Length > most)
            {
                return result.ToString(0, fitting) + Cut;
            }
        }

        return result.ToString();
    }
}
