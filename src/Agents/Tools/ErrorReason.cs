using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tools;

/// <summary>The one line of an error that says what is wrong: no stack, no envelope. Pure.</summary>
internal static partial class ErrorReason
{
    private static readonly string[] Members = ["message", "error", "reason", "detail", "error_description", "errors", "title", "description"];

    public static string Of(string message)
    {
        if (message.TrimStart().StartsWith('{') && JsonText.TryParse(message, out var json) && Said(json.Element()) is { } said)
        {
            message = said.Trim();
        }

        List<string> lines = [.. message.Split('\n').Select(line => line.Trim())];
        return lines[0] switch
        {
            // Python tells the frames first and the reason last.
            "Traceback (most recent call last):" => lines.Last(line => line.Length > 0),
            var first when Frame().IsMatch(first) => lines.Find(line => line.Length > 0 && !Frame().IsMatch(line)) ?? first,
            var first => first,
        };
    }

    private static string? Said(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
        JsonValueKind.Object => Members.Select(name => value.TryGetProperty(name, out var member) ? Said(member) : null).FirstOrDefault(text => text is not null),
        JsonValueKind.Array => value.EnumerateArray().Select(Said).FirstOrDefault(text => text is not null),
        _ => null,
    };

    [GeneratedRegex(@"^(at \S+\(.*|at .+:\d+\)?|---? End of .*)$")]
    private static partial Regex Frame();
}
