using System.Globalization;
using System.Text.RegularExpressions;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>
/// What a model may call a commit. Names reach git and URLs, so everything that is neither a SHA nor a plain tag name
/// is turned away here. Production tags carry their time in their name: <c>prod-20260131-120000-9f2c1ab</c>; the last
/// by name is what is live.
/// </summary>
internal static partial class CommitNames
{
    public const string Latest = "latest";
    public const string ProductionPrefix = "prod-";
    private const string Stamp = "yyyyMMdd-HHmmss";

    public static bool IsSha(string name) => Sha().IsMatch(name);

    /// <summary>When a production tag was made, from its name; null for any other tag.</summary>
    public static DateTimeOffset? Deployed(string tag)
    {
        var end = ProductionPrefix.Length + Stamp.Length;
        return tag.StartsWith(ProductionPrefix, StringComparison.Ordinal) && tag.Length >= end && (tag.Length == end || tag[end] == '-')
            && DateTimeOffset.TryParseExact(tag.AsSpan(ProductionPrefix.Length, Stamp.Length), Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : null;
    }

    public static bool IsProduction(string tag) => Deployed(tag) is not null;

    /// <exception cref="ToolException">It can be no name of a commit.</exception>
    public static void Check(string name)
    {
        if (!Plain().IsMatch(name) || name.Contains("..", StringComparison.Ordinal))
        {
            throw new ToolException($"\"{Readable.FirstLine(name)}\" is no name of a commit. Give a SHA (or at least 7 characters of one), a tag, or \"latest\"; list_git_commits shows them.");
        }
    }

    public static ToolException Unknown(string name, string place) =>
        new($"There is no commit {name} in {place}. Call list_git_commits and use a SHA from there.");

    public static ToolException NotOnBranch(string sha, string branch) =>
        new($"Commit {Readable.Short(sha)} is not on the branch {branch}, and only commits of {branch} may be deployed. Merge it first, or choose one from list_git_commits.");

    /// <summary>A tag name later than every one there is, even within one second or with a clock that went back.</summary>
    public static string NextProductionTag(string sha, DateTimeOffset at, string? newest)
    {
        var after = newest is null ? null : Deployed(newest)?.AddSeconds(1);
        var time = after > at ? after.Value : at.ToUniversalTime();
        return $"{ProductionPrefix}{time.ToString(Stamp, CultureInfo.InvariantCulture)}-{Readable.Short(sha)}";
    }

    [GeneratedRegex(@"\A[0-9a-fA-F]{7,64}\z")]
    private static partial Regex Sha();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}\z")]
    private static partial Regex Plain();
}
