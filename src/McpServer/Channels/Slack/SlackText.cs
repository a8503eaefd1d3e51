using System.Text;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>Foreign text for Slack: it cannot mention or link, and is cut where Slack would refuse it. Pure.</summary>
internal static class SlackText
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

    // Cut between characters: never inside an encoded one, nor inside a pair.
    private static string Within(string text, int most, Func<Rune, string> encode)
    {
        var result = new StringBuilder();
        var fitting = 0;
        foreach (var next in text.EnumerateRunes().Select(encode))
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
