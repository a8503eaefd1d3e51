using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>
/// A repository on this machine, with the git program: the backend is deployed by pushing a production tag to its
/// remote, the frontend by switching the link <c>current</c> in a folder of releases.
/// </summary>
public sealed class LocalTarget : IDeployTarget
{
    private const string Backend = "backend";
    private const string Frontend = "frontend";
    private readonly LocalBackend _backend;
    private readonly LocalReleases? _releases;

    public LocalTarget(LocalSettings settings, TimeProvider clock)
    {
        _backend = new(settings, new Git(Path.GetFullPath(settings.Repository), clock, settings.Git));
        _releases = settings.Releases is null ? null : new LocalReleases(Path.GetFullPath(settings.Releases), clock);
    }

    public IReadOnlyList<string> Workflows => [Backend, Frontend];

    private LocalReleases Releases => _releases ?? throw new ToolException(
        "There is no frontend to deploy here: set AGENTMCP_DEPLOY_RELEASES to its folder of releases and restart the server.");

    public Task<IReadOnlyList<Commit>> Commits(int limit, CancellationToken cancellation) => _backend.Commits(limit, cancellation);

    public Task<IReadOnlyList<GitTag>> Tags(int limit, CancellationToken cancellation) => _backend.Tags(limit, cancellation);

    public Task<IReadOnlyList<Deployment>> Deployments(CancellationToken cancellation) => Releases.List(cancellation);

    /// <summary>Here a run is one past deploy: a production tag on the remote, or a promotion in the log.</summary>
    public Task<IReadOnlyList<WorkflowRun>> WorkflowRuns(string workflow, int limit, CancellationToken cancellation) => workflow switch
    {
        Backend => _backend.PastDeploys(Backend, limit, cancellation),
        Frontend => Releases.PastPromotions(Frontend, limit, cancellation),
        _ => throw new ToolException($"There is no deploy workflow \"{Readable.FirstLine(workflow)}\"; there are {Backend} and {Frontend}."),
    };

    public Task<Commit> Resolve(string name, CancellationToken cancellation) => _backend.Resolve(name, cancellation);

    public Task<Commit?> LiveBackend(CancellationToken cancellation) => _backend.Live(cancellation);

    public Task<bool> IsOlder(string sha, string than, CancellationToken cancellation) => _backend.IsOlder(sha, than, cancellation);

    public Task<BackendDeploy> DeployBackend(string sha, string key, DateTimeOffset at, CancellationToken cancellation) => _backend.Deploy(sha, key, at, cancellation);

    public Task<Promotion> Promote(string deploymentId, string key, CancellationToken cancellation) => Releases.Promote(deploymentId, key, cancellation);
}
