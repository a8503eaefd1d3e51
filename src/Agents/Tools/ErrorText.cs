using System.Text.RegularExpressions;

namespace AgentMcp.Agents.Tools;

/// <summary>An exception as a model may see it: its first line, short, without a stack and without what looks like a secret.</summary>
public static partial class ErrorText
{
    internal const string Gone = "[redacted]";
    private const int Longest = 500;

    public static string Of(Exception e)
    {
        var message = (e as AggregateException)?.InnerException?.Message ?? e.Message;
        var line = ErrorReason.Of(message);
        var text = Redacted(line.Length == 0 ? e.GetType().Name : line);
        return Cut(text, Longest);
    }

    /// <summary>The text, or its beginning and three dots; never half of a character.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text
        : text[..(char.IsHighSurrogate(text[most - 4]) ? most - 4 : most - 3)] + "...";

    public static string Redacted(string text) => Secret().Replace(text, match =>
        match.Groups["name"].Value + (ValueOf(match).StartsWith(Gone, StringComparison.Ordinal) ? ValueOf(match) : Gone));

    /// <summary>What in a text looks like a secret, without what it is called.</summary>
    public static IEnumerable<string> Secrets(string text) =>
        Secret().Matches(text).Select(ValueOf).Where(value => !value.StartsWith(Gone, StringComparison.Ordinal));

    private static string ValueOf(Match match) => match.Value[match.Groups["name"].Length..];

    // Whoever writes the text must not be able to make this slow: no two parts that follow each other take the same
    // characters, so that each is read a fixed number of times.
    [GeneratedRegex(
        """
        (?<name>(?i:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}
        |(?<name>(?i:(?:api[_-]?key|access[_-]?token|token|password|passwd|pwd|secret)["']?\s*[=:]\s*["']?))[^\s"'&,;]+
        |(?<name>://)[^\s/@:]*:[^\s/@]+(?=@)
        |(?<name>)\b(?:sk-|amk_|ghp_|gho_|ghs_|github_pat_|xox[abp]-|AKIA)[A-Za-z0-9_-]{8,}
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Secret();
}
