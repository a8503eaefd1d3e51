using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Pipeline;

/// <summary>
/// What the steps of the pipeline do and see: the repository, its builds, and the two services. What is live is read
/// from where it is deployed and never from what an agent said. Wrong or missing settings fail when a step is run.
/// </summary>
public sealed class PipelineWorld(PipelineSettings settings, LocalSettings? local, IDeployTarget target, HttpClient http, TimeProvider clock)
{
    private readonly HttpTests _tests = new(http);

    /// <summary>How long to wait before tests of production that fail are run once more.</summary>
    public TimeSpan? Settle => settings.Settle;

    /// <summary>The commit that was merged. It is on the deploy branch, or this fails.</summary>
    public async Task<Commit> Resolve(string name, CancellationToken cancellation)
    {
        // All that is missing is said before anything is done.
        _ = (Service(settings.Staging, "STAGING"), Service(settings.Production, "PRODUCTION"), Builds);
        return await target.Resolve(name, cancellation).ConfigureAwait(false);
    }

    /// <param name="key">The same for every attempt of this one deploy.</param>
    public Task<string> DeployToStaging(Commit commit, string key, CancellationToken cancellation) => Builds.Deploy(commit, key, cancellation);

    public async Task<TestReport> TestStaging(string sha, CancellationToken cancellation) => await _tests.Run(
        Service(settings.Staging, "STAGING"), await ChecksOf(sha, cancellation).ConfigureAwait(false), new(new(sha), new(LocalBuilds.IdOf(sha), sha)), cancellation).ConfigureAwait(false);

    public Task Mark(string sha, bool passed, CancellationToken cancellation) => Builds.Mark(sha, passed, cancellation);

    public async Task<InProduction> Live(CancellationToken cancellation)
    {
        var backend = await target.LiveBackend(cancellation).ConfigureAwait(false);
        var frontend = (await target.Deployments(cancellation).ConfigureAwait(false)).FirstOrDefault(build => build.Current);
        return new(backend is null ? null : new(backend.Sha), frontend is null ? null : new(frontend.DeploymentId, frontend.GitCommitSha));
    }

    /// <summary>The tests of the merged commit while any of it is live, else those of what is.</summary>
    public async Task<TestReport> TestProduction(string merged, InProduction live, CancellationToken cancellation)
    {
        var sha = live.Backend?.Sha == merged || live.Frontend?.Sha == merged ? merged : live.Backend?.Sha ?? live.Frontend?.Sha ?? merged;
        return await _tests.Run(Service(settings.Production, "PRODUCTION"), await ChecksOf(sha, cancellation).ConfigureAwait(false), live, cancellation).ConfigureAwait(false);
    }

    private LocalBuilds Builds => local is { Releases: not null }
        ? new(local, settings.Frontend, Git, clock)
        : throw new ToolException("The pipeline has nothing to deploy: set AGENTMCP_DEPLOY_REPO to a git repository and AGENTMCP_DEPLOY_RELEASES to its folder of frontend releases, then restart the server.");

    private Git Git => new(Path.GetFullPath(local!.Repository), clock, local.Git);

    private async Task<IReadOnlyList<Check>> ChecksOf(string sha, CancellationToken cancellation)
    {
        var file = $"{Readable.Short(sha)}:{settings.Checks}";
        var shown = await Git.Run(["show", $"{sha}:{settings.Checks}"], cancellation).ConfigureAwait(false);
        return shown.ExitCode == 0
            ? Check.Read(file, shown.Output)
            : throw new ToolException($"Commit {Readable.Short(sha)} has no tests: there is no {settings.Checks} in it ({shown.Reason}). Add one, or set AGENTMCP_PIPELINE_CHECKS to the file that lists them.");
    }

    private static Uri Service(Uri? address, string which) => address
        ?? throw new ToolException($"The pipeline does not know where to run its tests: set AGENTMCP_PIPELINE_STAGING_URL and AGENTMCP_PIPELINE_PRODUCTION_URL (missing is {which}_URL), then restart the server.");
}
