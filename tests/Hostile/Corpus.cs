using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AgentMcp.Hostile;

/// <summary>Texts that try to be more than text, from corpus.json. Every project of tests that shows foreign text reads them.</summary>
internal static class Corpus
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

    private static Dictionary<string, string> Read()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "corpus.json"));
        using var entries = JsonDocument.Parse(file);
        return entries.RootElement.EnumerateArray().ToDictionary(
            entry => entry.GetProperty("name").GetString()!,
            entry => string.Concat(Enumerable.Repeat(entry.GetProperty("text").GetString()!, entry.TryGetProperty("times", out var times) ? times.GetInt32() : 1)));
    }
}
