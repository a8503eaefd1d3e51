namespace AgentMcp.Server.Cli.Evals;

/// <summary>Two texts beside each other, each wrapped to its half. Pure.</summary>
internal static class SideBySide
{
    public const int Width = 58;

    public static IEnumerable<string> Of(string left, string right)
    {
        var (one, other) = (Wrap(left), Wrap(right));
        return Enumerable.Range(0, Math.Max(one.Count, other.Count))
            .Select(i => $"{one.ElementAtOrDefault(i) ?? "",-Width} | {other.ElementAtOrDefault(i) ?? ""}".TrimEnd());
    }

    private static List<string> Wrap(string text) => [.. text.ReplaceLineEndings("\n").TrimEnd().Split('\n').SelectMany(Wrapped)];

    private static IEnumerable<string> Wrapped(string line) => line.Length == 0 ? [""] : line.Chunk(Width).Select(chunk => new string(chunk));
}
