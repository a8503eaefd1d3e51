using System.Text.RegularExpressions;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>Where the repository behind a remote's URL can be looked at, without the credentials such a URL may hold.</summary>
internal static partial class WebPage
{
    public static string? Of(string remote) => Hosted().Match(remote) is { Success: true } match
        ? $"https://{match.Groups["host"].Value}/{match.Groups["path"].Value}"
        : null;

    [GeneratedRegex(@"\A(?:(?:https?|ssh)://(?:[^@/]+@)?(?<host>[A-Za-z0-9.-]+)(?::[0-9]+)?/|git@(?<host>[A-Za-z0-9.-]+):)(?<path>[A-Za-z0-9._/~-]+?)(?:\.git)?/?\z")]
    private static partial Regex Hosted();
}
