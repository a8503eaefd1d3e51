namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>What the rules say of deploys and of what is live.</summary>
internal static class Sentences
{
    public static string Pushed(BackendDeploy? done, PushArguments? asked)
    {
        var sha = Readable.Short(done?.Sha ?? asked?.ShaToDeploy ?? asked?.NewCommit?.Sha);
        var tag = done?.Tag is { } name ? $" with tag {name}" : "";
        var run = done?.Run?.Url is { } url ? $" Run: {url}" : "";
        var note = done?.Note is { } more ? $" {more}" : "";
        return $"Backend: deployed {sha}{tag}.{See(done?.Url)}{run}{note}";
    }

    public static string Promoted(Promotion? done, PromoteArguments? asked)
    {
        var id = done?.DeploymentId ?? asked?.VercelDeployment?.DeploymentId ?? "the deployment";
        var from = done?.GitCommitSha is { } sha ? $" (built from {Readable.Short(sha)})" : "";
        var note = done?.Note is { } more ? $" {more}" : "";
        return $"Frontend: promoted {id}{from}.{See(done?.Url)}{note}";
    }

    public static string Live(CommitList commits, DeploymentList? deployments)
    {
        var backend = commits.BackendInProduction is not { } sha ? "nothing yet"
            : commits.Commits.FirstOrDefault(one => one.Sha == sha)?.Markdown ?? $"`{Readable.Short(sha)}`";
        var frontend = deployments is null ? "not known" : deployments.Deployments.FirstOrDefault(one => one.Current)?.Markdown ?? "nothing yet";
        return $"Live in production:\n- backend: {backend}\n- frontend: {frontend}";
    }

    /// <summary>What is newer than production; null when nothing is.</summary>
    public static string? Waiting(CommitList commits, DeploymentList? deployments)
    {
        var undeployed = commits.Commits.TakeWhile(one => one.Sha != commits.BackendInProduction).ToList();
        var build = deployments is null ? null : Choice.NewestBuild(deployments);
        if (undeployed.Count == 0 && build is null)
        {
            return null;
        }

        var lines = undeployed.Count == 0 ? ["The backend is up to date."]
            : new[] { $"{undeployed.Count} commit{(undeployed.Count == 1 ? "" : "s")} wait{(undeployed.Count == 1 ? "s" : "")} to be deployed to the backend:" }.Concat(undeployed.Select(one => $"- {one.Markdown}"));
        return string.Join("\n", lines.Append(build is null ? "The frontend is up to date." : $"A newer build of the frontend is ready:\n- {build.Markdown}"));
    }

    private static string See(string? url) => url is null ? "" : $" {url}";
}

internal static class Choice
{
    /// <summary>The newest build that may be promoted and is newer than what is served.</summary>
    public static Deployment? NewestBuild(DeploymentList list)
    {
        var current = list.Deployments.FirstOrDefault(one => one.Current);
        return list.Deployments.Where(one => one.MayBePromoted && !one.Current && (current is null || one.CreatedAt > current.CreatedAt)).MaxBy(one => one.CreatedAt);
    }

    /// <summary>The newest build of one commit, the live one included.</summary>
    public static Deployment? BuildOf(DeploymentList list, string sha) =>
        list.Deployments.Where(one => (one.MayBePromoted || one.Current) && one.GitCommitSha?.StartsWith(sha, StringComparison.OrdinalIgnoreCase) == true).MaxBy(one => one.CreatedAt);

    public static Commit? Named(CommitList list, string? name) => name is null ? (list.Commits is [var newest, ..] ? newest : null)
        : list.Commits.FirstOrDefault(one => one.Tags.Contains(name)) ?? list.Commits.FirstOrDefault(one => one.Sha.StartsWith(name, StringComparison.OrdinalIgnoreCase));
}
