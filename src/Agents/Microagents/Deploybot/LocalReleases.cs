using System.Text.Json;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <param name="Url">Where the build can be looked at; its folder when left out.</param>
internal sealed record Release(string GitCommitSha, DateTimeOffset CreatedAt, string Author, string CommitMessage, string Status, string? Url = null);

internal sealed record PastPromotion(string DeploymentId, string GitCommitSha, string? Replaced, DateTimeOffset At, string Key);

/// <summary>
/// A folder of frontend builds: one folder each with a <c>release.json</c>, the link <c>current</c> to what production
/// serves, and <c>promotions.jsonl</c>, a line for every switch.
/// </summary>
internal sealed class LocalReleases(string folder, TimeProvider clock)
{
    private const string Unreadable = "unreadable";
    private readonly ReleaseLink _current = new(folder, "current");

    private string Promotions => Path.Combine(folder, "promotions.jsonl");

    public Task<IReadOnlyList<Deployment>> List(CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new ToolException($"The folder of releases {folder} does not exist. Set AGENTMCP_DEPLOY_RELEASES to the right one.");
        }

        try
        {
            var current = _current.Target;
            IReadOnlyList<Deployment> all = [.. new DirectoryInfo(folder).EnumerateDirectories()
                .Where(build => build.LinkTarget is null && File.Exists(Path.Combine(build.FullName, "release.json")))
                .Select(build => Read(build, current))
                .OfType<Deployment>()
                .OrderByDescending(build => build.CreatedAt).ThenByDescending(build => build.DeploymentId, StringComparer.Ordinal)];
            cancellation.ThrowIfCancellationRequested();
            return Task.FromResult(all);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"The releases cannot be read: {e.Message}", e);
        }
    }

    public async Task<IReadOnlyList<WorkflowRun>> PastPromotions(string workflow, int limit, CancellationToken cancellation)
    {
        if (!File.Exists(Promotions))
        {
            return [];
        }

        var lines = await File.ReadAllLinesAsync(Promotions, cancellation).ConfigureAwait(false);
        // A process that died while writing leaves half a line; the link is the truth, this only its history.
        var past = lines.Select(Past).OfType<PastPromotion>().Reverse().Take(limit);
        return [.. past.Select(one => new WorkflowRun(one.DeploymentId, workflow, "completed", "success", one.GitCommitSha, null, one.At, null, $"promoted {one.DeploymentId}"))];
    }

    public async Task<Promotion> Promote(string deploymentId, string key, CancellationToken cancellation)
    {
        var all = await List(cancellation).ConfigureAwait(false);
        var chosen = Deployments.Find(all, deploymentId);
        if (chosen.Current)
        {
            return new(chosen.DeploymentId, chosen.GitCommitSha, chosen.Url, "Production already served it; nothing was switched.");
        }

        Deployments.CheckPromotable(chosen);
        try
        {
            _current.Switch(chosen.DeploymentId, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"Production was not switched: {e.Message}", e);
        }

        var line = JsonSerializer.Serialize(
            new PastPromotion(chosen.DeploymentId, chosen.GitCommitSha!, all.FirstOrDefault(build => build.Current)?.DeploymentId, clock.GetUtcNow(), key), DeployJson.Default.PastPromotion);
        try
        {
            await File.AppendAllTextAsync(Promotions, line + "\n", CancellationToken.None).ConfigureAwait(false);
            return new(chosen.DeploymentId, chosen.GitCommitSha, chosen.Url);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(chosen.DeploymentId, chosen.GitCommitSha, chosen.Url, $"Production was switched, but not noted in {Promotions}: {e.Message}");
        }
    }

    // Builds are written and cleared away by others meanwhile: one that cannot be read is in the list as that, and keeps no other from it.
    private static Deployment? Read(DirectoryInfo build, string? current)
    {
        var file = Path.Combine(build.FullName, "release.json");
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllText(file), DeployJson.Default.Release)
                is not { GitCommitSha.Length: > 0, Author: not null, CommitMessage: not null, Status.Length: > 0 } release)
            {
                throw new JsonException("a member is missing");
            }

            return new(
                build.Name, release.GitCommitSha, release.Url ?? new Uri(build.FullName).AbsoluteUri, release.Status.ToLowerInvariant(),
                release.CreatedAt.ToUniversalTime(), release.Author, release.CommitMessage, build.Name == current);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return new(build.Name, null, null, Unreadable, build.LastWriteTimeUtc, null,
                e is JsonException ? $"{file} is not a release: it needs git_commit_sha, created_at, author, commit_message and status." : e.Message, build.Name == current);
        }
    }

    private static PastPromotion? Past(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, DeployJson.Default.PastPromotion);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
