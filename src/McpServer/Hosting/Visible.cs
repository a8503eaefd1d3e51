using System.Globalization;
using System.Text;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Text of which a reader sees everything: what steers a screen, turns the direction of writing or is not seen at all, with
/// which one argument could be made to read as another, is shown by its number. Pure.
/// </summary>
internal static class Visible
{
    public static string Of(string text) => Replaced(text, rune => $"\u27E8U+{rune.Value:X4}\u27E9");

    /// <summary>For a terminal, which goes back to where the line began at the end of a line that is none.</summary>
    public static string OnATerminal(string text) => Of(text.Replace("\r\n", "\n", StringComparison.Ordinal)).Replace("\r", "\u27E8U+000D\u27E9", StringComparison.Ordinal);

    /// <summary>The same JSON: there such a character stands in text only, and can be written by its number.</summary>
    public static string InJson(string json) => Replaced(json, rune => string.Concat(rune.ToString().Select(c => $"\\u{(int)c:x4}")));

    private static string Replaced(string text, Func<Rune, string> by)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') || !text.EnumerateRunes().Any(Hides))
        {
            return text;
        }

        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            shown.Append(Hides(rune) ? by(rune) : rune.ToString());
        }

        return shown.ToString();
    }

    private static bool Hides(Rune rune) => rune.Value switch
    {
        '\n' or '\r' or '\t' => false,
        // Signs that stand before numbers and are seen, though they are said to be format characters.
        (>= 0x600 and <= 0x605) or 0x6DD or 0x70F or 0x890 or 0x891 or 0x8E2 or 0x110BD or 0x110CD => false,
        // Fillers and selectors of variants; not the one that is in many emoji.
        0x34F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x3164 or (>= 0xFE00 and <= 0xFE0E) or 0xFFA0 or (>= 0xE0000 and <= 0xE0FFF) => true,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator,
    };
}
