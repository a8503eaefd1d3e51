using System.Globalization;
using System.Text.Json.Serialization;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <param name="Message">The whole message; its first line is the subject.</param>
/// <param name="Url">Where a person can look at it; null when the repository has no web page.</param>
public sealed record Commit(string Sha, string Author, DateTimeOffset Date, string Message, string? Url, IReadOnlyList<string> Tags)
{
    public string Markdown => $"`{Readable.Short(Sha)}` {Readable.Line(Message)} ({Readable.Line(Author)}, {Readable.Time(Date)}){Readable.Link("commit", Url)}";
}

/// <param name="Production">It names a deploy of the backend; the newest of those is what is live.</param>
public sealed record GitTag(string Name, string Sha, bool Production, bool Current, DateTimeOffset? Date = null, string? Message = null);

/// <param name="Status">In lower case; only <c>ready</c> and <c>staged</c> may be promoted.</param>
/// <param name="Current">It is what production serves now.</param>
public sealed record Deployment(
    string DeploymentId, string? GitCommitSha, string? Url, string Status, DateTimeOffset CreatedAt, string? Author, string? CommitMessage, bool Current)
{
    [JsonIgnore]
    public bool MayBePromoted => Status is "ready" or "staged";

    public string Markdown =>
        $"`{DeploymentId}` from `{Readable.Short(GitCommitSha)}` {Readable.Line(CommitMessage)} ({Readable.Line(Author)}, {Readable.Time(CreatedAt)}, {Readable.Line(Status)}){Readable.Link("deployment", Url)}";
}

public sealed record WorkflowRun(
    string Id, string Workflow, string Status, string? Conclusion, string HeadSha, string? Url, DateTimeOffset CreatedAt, string? Actor, string? Title);

/// <param name="Tag">The production tag that was pushed; null when a workflow pushes it.</param>
/// <param name="Run">The workflow run that was started, if one was seen.</param>
/// <param name="Note">What the reader should know besides.</param>
public sealed record BackendDeploy(string Sha, string? Tag, string? PushedTo, string? Url, WorkflowRun? Run = null, string? Note = null);

public sealed record Promotion(string DeploymentId, string? GitCommitSha, string? Url, string? Note = null);

/// <summary>Foreign text made fit for a line of Markdown: it can neither forge structure nor links, nor run on for ever.</summary>
internal static class Readable
{
    private const int Longest = 120;

    public static string Short(string? sha) => sha is null ? "unknown" : sha.Length > 7 ? sha[..7] : sha;

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Link(string name, string? url) => url is null ? "" : $" [{name}]({url})";

    public static string FirstLine(string? text)
    {
        var line = (text ?? "").Trim().Split('\n')[0].Trim();
        var clean = string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c));
        return clean.Length > Longest ? clean[..Longest] + "..." : clean;
    }

    public static string Line(string? text)
    {
        var line = FirstLine(text);
        return line.Length == 0 ? "unknown" : string.Concat(line.Select(c => "\\`*_[]<>|".Contains(c, StringComparison.Ordinal) ? $"\\{c}" : $"{c}"));
    }
}
