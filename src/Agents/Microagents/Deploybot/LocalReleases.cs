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
    private const string CurrentLink = "current";
    private const string Scratch = ".switch";

    private string Current => Path.Combine(folder, CurrentLink);

    private string Promotions => Path.Combine(folder, "promotions.jsonl");

    public Task<IReadOnlyList<Deployment>> List(CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new ToolException($"The folder of releases {folder} does not exist. Set AGENTMCP_DEPLOY_RELEASES to the right one.");
        }

        try
        {
            var current = Serving();
            IReadOnlyList<Deployment> all = [.. new DirectoryInfo(folder).EnumerateDirectories()
                .Where(build => build.LinkTarget is null && File.Exists(Path.Combine(build.FullName, "release.json")))
                .Select(build => Read(build, current))
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
            Switch(chosen.DeploymentId, key);
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

    /// <summary>
    /// A rename over the link is atomic: a reader sees the old build or the new one. The new link lies in a folder of
    /// its own until then, where its relative target leads nowhere: File.Move refuses a link that leads to a folder.
    /// </summary>
    private void Switch(string deploymentId, string key)
    {
        if (Directory.Exists(Current) && new DirectoryInfo(Current).LinkTarget is null)
        {
            throw new IOException($"{Current} is a folder and not a link.");
        }

        var scratch = Directory.CreateDirectory(Path.Combine(folder, Scratch)).FullName;
        var next = Path.Combine(scratch, key.Replace('/', '-') + ".link");
        File.Delete(next);
        File.CreateSymbolicLink(next, deploymentId);
        File.Move(next, Current, overwrite: true);
    }

    private string? Serving() => new DirectoryInfo(Current).LinkTarget is { } target ? Path.GetFileName(Path.TrimEndingDirectorySeparator(target)) : null;

    private static Deployment Read(DirectoryInfo build, string? current)
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
        catch (JsonException e)
        {
            throw new ToolException($"{file} is not a release: it needs git_commit_sha, created_at, author, commit_message and status.", e);
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
