using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>What stands in a prompt where there is too much and no model to tell it shortly: the same, cut, with a mark that says so. Pure.</summary>
internal static class Shortened
{
    private const int LongestStep = 200;

    /// <summary>A result without what decisions seldom need, and its beginning only if that is still too much.</summary>
    /// <param name="most">Tokens.</param>
    public static string Result(JsonText result, int most)
    {
        var (whole, kept) = (Tokens.Count(result.Text), Yaml.Of(Squash.Of(result)));
        var shown = Tokens.Count(kept) <= most ? kept : Begin(kept, most);
        return $"{shown}\n[shortened: about {Tokens.Count(shown)} of {whole} tokens are shown]";
    }

    /// <summary>One line a block, the oldest left out if that is still too much.</summary>
    /// <param name="most">Tokens.</param>
    public static string Past(IReadOnlyList<string> blocks, int most)
    {
        List<string> lines = [.. blocks.SelectMany(Lines)];
        var dropped = 0;
        while (lines.Count - dropped > 1 && Tokens.Count(string.Join('\n', lines.Skip(dropped))) > most)
        {
            // A quarter of what is left at a time, so that a long past is not counted a thousand times.
            dropped += Math.Max(1, (lines.Count - dropped) / 4);
        }

        return $"{string.Join('\n', lines.Skip(dropped))}\n[shortened: each block cut to a line{(dropped == 0 ? "" : $", the oldest {dropped} left out")}]";
    }

    // A summary is taken over line by line, but for its own mark.
    private static IEnumerable<string> Lines(string block)
    {
        var lines = block.Split('\n');
        var (tag, body) = (lines[0].Trim('<', '>'), lines[1..^1]);
        return tag == "summary"
            ? body.Where(line => !line.StartsWith('['))
            : [ErrorText.Cut($"- {tag}: {string.Join(' ', body.Select(line => line.Trim()))}", LongestStep)];
    }

    private static string Begin(string text, int most)
    {
        // Some four characters make a token; where they make fewer, it is taken off again.
        var length = Math.Min(text.Length, most * 4);
        while (Tokens.Count(text[..length]) > most)
        {
            length = length * 3 / 4;
        }

        var line = text.LastIndexOf('\n', length - 1);
        return text[..(line > length / 2 ? line : char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
