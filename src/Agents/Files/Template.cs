using System.Text.RegularExpressions;

namespace AgentMcp.Agents.Files;

/// <summary>Fills <c>{{variables}}</c> of a prompt. An unknown one is an error with its place, never an empty spot.</summary>
internal static partial class Template
{
    public static string Fill(FrontMatter matter, Dictionary<string, string> values)
    {
        var lines = matter.Body.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = Variable().Replace(lines[i], match => values.TryGetValue(match.Groups[1].Value, out var value)
                ? value
                : throw matter.Wrong(matter.BodyLine + i, $"there is no variable '{match.Groups[1].Value}'; there are {string.Join(", ", values.Keys)}"));
        }

        return string.Join('\n', lines);
    }

    [GeneratedRegex(@"\{\{\s*([^{}]*?)\s*\}\}")]
    private static partial Regex Variable();
}
