using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Pipeline;

/// <summary>
/// What the steps of the pipeline do and see: the repository, its builds, and the two services. What is live is read
/// from where it is deployed and never from what an agent said. Wrong or missing settings fail when a step is run.
/// </summary>
public sealed class PipelineWorld(PipelineSettings settings, LocalSettings? local, IDeployTarget target, Lazy<HttpClient> http, TimeProvider clock)
{
    /// <summary>The settings the pipeline cannot do without and has not been given, as a list in words; null when it has all.</summary>
    public static string? Missing(PipelineSettings settings, LocalSettings? local)
    {
        (string Name, bool Given)[] needed =
        [
            ("AGENTMCP_PIPELINE_STAGING_URL", settings.Staging is not null), ("AGENTMCP_PIPELINE_PRODUCTION_URL", settings.Production is not null),
            ("AGENTMCP_DEPLOY_REPO", local is not null), ("AGENTMCP_DEPLOY_RELEASES", local?.Releases is not null),
        ];
        string[] missing = [.. needed.Where(one => !one.Given).Select(one => one.Name)];
        return missing is [] ? null : missing is [var one] ? one : $"{string.Join(", ", missing[..^1])} and {missing[^1]}";
    }

    /// <summary>The commit that was merged. It is on the deploy branch, or this fails.</summary>
    public Task<Commit> Resolve(string name, CancellationToken cancellation) => Ready.Target.Resolve(name, cancellation);

    /// <param name="key">The same for every attempt of this one deploy.</param>
    public Task<string> DeployToStaging(Commit commit, string key, CancellationToken cancellation) => Builds.Deploy(commit, key, cancellation);

    public async Task<TestReport> TestStaging(string sha, CancellationToken cancellation) => await Tests.Run(
        Ready.Staging, await ChecksOf(sha, cancellation).ConfigureAwait(false), new(new(sha), new(LocalBuilds.IdOf(sha), sha)), cancellation).ConfigureAwait(false);

    public Task Mark(string sha, bool passed, CancellationToken cancellation) => Builds.Mark(sha, passed, cancellation);

    public async Task<InProduction> Live(CancellationToken cancellation)
    {
        var backend = await Ready.Target.LiveBackend(cancellation).ConfigureAwait(false);
        var frontend = (await Ready.Target.Deployments(cancellation).ConfigureAwait(false)).FirstOrDefault(build => build.Current);
        return frontend is { GitCommitSha: null }
            ? throw new ToolException($"What the frontend serves cannot be told: {frontend.DeploymentId} is {Readable.FirstLine(frontend.Status)}.")
            : new(backend is null ? null : new(backend.Sha), frontend is null ? null : new(frontend.DeploymentId, frontend.GitCommitSha));
    }

    /// <summary>The tests of the merged commit while any of it is live, else those of what is; of a commit from before there were tests, the merged one's.</summary>
    public async Task<TestReport> TestProduction(string merged, InProduction live, CancellationToken cancellation)
    {
        var sha = live.Backend?.Sha == merged || live.Frontend?.Sha == merged ? merged : live.Backend?.Sha ?? live.Frontend?.Sha ?? merged;
        var checks = sha == merged ? null : await ChecksIn(sha, cancellation).ConfigureAwait(false);
        var report = await Tests.Run(Ready.Production, checks ?? await ChecksOf(merged, cancellation).ConfigureAwait(false), live, cancellation).ConfigureAwait(false);
        return report with { AgainAfter = report.Passed ? null : settings.Settle?.TotalSeconds };
    }

    private HttpTests Tests => new(http.Value);

    private LocalBuilds Builds => new(Ready.Local, settings.Frontend, Git, clock);

    private Git Git => new(Path.GetFullPath(Ready.Local.Repository), clock, Ready.Local.Git);

    /// <summary>Asked by every step: a thread may go on in a process that was set up otherwise.</summary>
    private (Uri Staging, Uri Production, LocalSettings Local, IDeployTarget Target) Ready => Missing(settings, local) is { } missing
        ? throw new ToolException($"The pipeline is not set up: it needs {missing}. Set them and restart the server.")
        : (settings.Staging!, settings.Production!, local!, target);

    private async Task<IReadOnlyList<Check>> ChecksOf(string sha, CancellationToken cancellation)
    {
        var shown = await Checks(sha, cancellation).ConfigureAwait(false);
        return shown.ExitCode == 0
            ? Read(sha, shown)
            : throw new ToolException($"Commit {Readable.Short(sha)} has no tests: there is no {settings.Checks} in it ({shown.Reason}). Add one, or set AGENTMCP_PIPELINE_CHECKS to the file that lists them.");
    }

    // Null only where the commit is there and the file is not in it: what git could not look at is no commit without tests.
    private async Task<IReadOnlyList<Check>?> ChecksIn(string sha, CancellationToken cancellation)
    {
        var shown = await Checks(sha, cancellation).ConfigureAwait(false);
        return shown.ExitCode == 0 ? Read(sha, shown)
            : await Git.Read(cancellation, "ls-tree", "--full-tree", "--name-only", sha, settings.Checks).ConfigureAwait(false) is "" ? null
            : await ChecksOf(sha, cancellation).ConfigureAwait(false);
    }

    private Task<Git.GitResult> Checks(string sha, CancellationToken cancellation) => Git.Run(["show", $"{sha}:{settings.Checks}"], cancellation);

    private IReadOnlyList<Check> Read(string sha, Git.GitResult shown) => Check.Read($"{Readable.Short(sha)}:{settings.Checks}", shown.Output);
}
