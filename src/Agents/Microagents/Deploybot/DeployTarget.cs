using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

public static class DeployTarget
{
    /// <summary>The target the settings name. Wrong or missing settings fail when a tool is used, so that the server still starts.</summary>
    public static IDeployTarget From(DeploySettings settings, Lazy<HttpClient> http, TimeProvider clock) => settings switch
    {
        { Local: not null, GitHub: not null } => new Unusable("Deploybot is set up twice: AGENTMCP_DEPLOY_REPO and AGENTMCP_DEPLOY_GITHUB are both set. Remove one of them."),
        { Local: { } local } => new LocalTarget(local, clock),
        { GitHub.Token: "" } => new Unusable("Deploybot may not use GitHub yet: set AGENTMCP_DEPLOY_GITHUB_TOKEN."),
        { GitHub: { } github } when github.Repository.Split('/') is not [{ Length: > 0 }, { Length: > 0 }] =>
            new Unusable("AGENTMCP_DEPLOY_GITHUB must name one repository as owner/name."),
        { GitHub: { } github } when !IsUrl(github.Api) => new Unusable("AGENTMCP_DEPLOY_GITHUB_API must be an http or https URL."),
        { GitHub: not null, Vercel: { } vercel } when !IsUrl(vercel.Api) => new Unusable("AGENTMCP_DEPLOY_VERCEL_API must be an http or https URL."),
        { GitHub: not null, Vercel.Token: "" } => new Unusable("Deploybot may not use Vercel yet: set AGENTMCP_DEPLOY_VERCEL_TOKEN."),
        { GitHub: { } github } => new GitHubVercelTarget(github, settings.Vercel, http.Value, clock),
        _ => new Unusable(
            "Deploybot is not set up: set AGENTMCP_DEPLOY_REPO to a git repository (and AGENTMCP_DEPLOY_RELEASES to its folder of frontend releases), "
            + "or AGENTMCP_DEPLOY_GITHUB to owner/name with AGENTMCP_DEPLOY_GITHUB_TOKEN, AGENTMCP_DEPLOY_VERCEL_PROJECT and AGENTMCP_DEPLOY_VERCEL_TOKEN. Then restart the server."),
    };

    private static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https");

    private sealed class Unusable(string why) : IDeployTarget
    {
        public IReadOnlyList<string> Workflows => ["backend", "frontend"];

        public Task<IReadOnlyList<Commit>> Commits(int limit, CancellationToken cancellation) => throw new ToolException(why);

        public Task<IReadOnlyList<GitTag>> Tags(int limit, CancellationToken cancellation) => throw new ToolException(why);

        public Task<IReadOnlyList<Deployment>> Deployments(CancellationToken cancellation) => throw new ToolException(why);

        public Task<IReadOnlyList<WorkflowRun>> WorkflowRuns(string workflow, int limit, CancellationToken cancellation) => throw new ToolException(why);

        public Task<Commit> Resolve(string name, CancellationToken cancellation) => throw new ToolException(why);

        public Task<Commit?> LiveBackend(CancellationToken cancellation) => throw new ToolException(why);

        public Task<bool> IsOlder(string sha, string than, CancellationToken cancellation) => throw new ToolException(why);

        public Task<BackendDeploy> DeployBackend(string sha, string key, DateTimeOffset at, CancellationToken cancellation) => throw new ToolException(why);

        public Task<Promotion> Promote(string deploymentId, string key, CancellationToken cancellation) => throw new ToolException(why);
    }
}
