using Microsoft.ML.Tokenizers;

namespace AgentMcp.Agents.Models;

/// <summary>
/// Tokens of a text as the o200k vocabulary cuts it. Other vocabularies differ by some percent, so this is a measure to
/// plan by; what was used is what the provider says. The vocabulary is loaded at the first count, and never by a server
/// that counts nothing. Pure, thread-safe.
/// </summary>
public static class Tokens
{
    // The time to cut one unbroken piece grows with the square of its length, so a text is counted in slices. That is
    // exact where a slice ends at a space, and a token too many where there is none.
    private const int Slice = 2048;

    private static readonly Lazy<TiktokenTokenizer> Vocabulary = new(() => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    public static int Count(string text)
    {
        var count = 0;
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var slice = rest[..End(rest)];
            count += Vocabulary.Value.CountTokens(slice);
            rest = rest[slice.Length..];
        }

        return count;
    }

    private static int End(ReadOnlySpan<char> text)
    {
        if (text.Length <= Slice)
        {
            return text.Length;
        }

        // A space belongs to the word after it.
        var space = text[..Slice].LastIndexOf(' ');
        return space > 0 ? space : char.IsHighSurrogate(text[Slice - 1]) ? Slice - 1 : Slice;
    }
}
