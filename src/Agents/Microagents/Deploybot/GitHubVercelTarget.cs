using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>GitHub for the backend and Vercel for the frontend, both over REST.</summary>
public sealed class GitHubVercelTarget(GitHubSettings github, VercelSettings? vercel, HttpClient http, TimeProvider clock) : IDeployTarget
{
    private readonly GitHub _github = new(github, http, clock);
    private readonly Vercel? _vercel = vercel is null ? null : new(vercel, http);

    public IReadOnlyList<string> Workflows => _github.Workflows;

    private Vercel Frontend => _vercel ?? throw new ToolException(
        "There is no frontend to deploy here: set AGENTMCP_DEPLOY_VERCEL_PROJECT and AGENTMCP_DEPLOY_VERCEL_TOKEN and restart the server.");

    public Task<IReadOnlyList<Commit>> Commits(int limit, CancellationToken cancellation) => _github.Commits(limit, cancellation);

    public Task<IReadOnlyList<GitTag>> Tags(int limit, CancellationToken cancellation) => _github.Tags(limit, cancellation);

    public Task<IReadOnlyList<Deployment>> Deployments(CancellationToken cancellation) => Frontend.List(cancellation);

    public Task<IReadOnlyList<WorkflowRun>> WorkflowRuns(string workflow, int limit, CancellationToken cancellation) => _github.Runs(workflow, limit, cancellation);

    public Task<Commit> Resolve(string name, CancellationToken cancellation) => _github.Resolve(name, cancellation);

    public Task<Commit?> LiveBackend(CancellationToken cancellation) => _github.Live(cancellation);

    public Task<bool> IsOlder(string sha, string than, CancellationToken cancellation) => _github.IsOlder(sha, than, cancellation);

    public Task<BackendDeploy> DeployBackend(string sha, string key, DateTimeOffset at, CancellationToken cancellation) => _github.Deploy(sha, cancellation);

    public Task<Promotion> Promote(string deploymentId, string key, CancellationToken cancellation) => Frontend.Promote(deploymentId, cancellation);
}
