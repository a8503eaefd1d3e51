using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMcp.Hostile;

/// <summary>Texts that try to be more than text, from corpus.json. Every project of tests that shows foreign text reads them.</summary>
internal static partial class Corpus
{
    private static readonly Dictionary<string, string> Texts = Read();

    /// <summary>What each text tries, which is its name.</summary>
    public static IReadOnlyCollection<string> Names => Texts.Keys;

    public static string Text(string name) => Texts[name];

    /// <summary>All but those that are only long, as one text.</summary>
    public static string Together(string between) => string.Join(between, Texts.Values.Where(text => text.Length < 1_000));

    /// <summary>Whether a reader of the text does not see all of it, or not in its order.</summary>
    public static bool Hides(string text) => text.EnumerateRunes().Any(rune => rune.Value is not ('\n' or '\r' or '\t')
        && (rune.Value is 0x34F or 0x3164 or 0x180E
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));

    /// <summary>The tags of a prompt as a model may read it: signs that look alike are the same, what cannot be seen is not there.</summary>
    public static IEnumerable<string> TagsOf(string prompt)
    {
        var seen = string.Concat(prompt.EnumerateRunes().Where(rune => !Unseen(rune)).Select(rune => rune.ToString()));
        return AnyTag().Matches(seen.Normalize(NormalizationForm.FormKC)).Select(tag => tag.Value);
    }

    private static bool Unseen(Rune rune) => rune.Value is not '\n' and not '\t'
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.OtherNotAssigned;

    [GeneratedRegex(@"<\s*/[^<>]*>?|<[\p{L}_!?][^<>]*>?|<\s+[\p{L}_]\w*\s*>")]
    private static partial Regex AnyTag();

    private static Dictionary<string, string> Read()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "corpus.json"));
        using var entries = JsonDocument.Parse(file);
        return entries.RootElement.EnumerateArray().ToDictionary(
            entry => entry.GetProperty("name").GetString()!,
            entry => string.Concat(Enumerable.Repeat(entry.GetProperty("text").GetString()!, entry.TryGetProperty("times", out var times) ? times.GetInt32() : 1)));
    }
}
