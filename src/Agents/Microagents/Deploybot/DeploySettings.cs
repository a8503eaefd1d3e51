namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>Where deploybot deploys: a local repository, or GitHub with Vercel. Neither means it is not set up.</summary>
public sealed record DeploySettings(LocalSettings? Local = null, GitHubSettings? GitHub = null, VercelSettings? Vercel = null)
{
    /// <param name="setting">Looks a setting up by its name without the <c>AGENTMCP_</c> prefix, such as <c>DEPLOY_REPO</c>.</param>
    public static DeploySettings From(Func<string, string?> setting)
    {
        string? Value(string name) => setting(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        string Or(string name, string standard) => Value(name) ?? standard;

        return new(
            Value("DEPLOY_REPO") is { } repository
                ? new LocalSettings(repository, Value("DEPLOY_RELEASES"), Or("DEPLOY_BRANCH", "main"), Or("DEPLOY_REMOTE", "origin"), Or("DEPLOY_GIT", "git"))
                : null,
            Value("DEPLOY_GITHUB") is { } github
                ? new GitHubSettings(
                    github, Or("DEPLOY_GITHUB_TOKEN", ""), Or("DEPLOY_GITHUB_API", GitHubSettings.PublicApi), Or("DEPLOY_BRANCH", "main"),
                    Or("DEPLOY_BACKEND_WORKFLOW", "deploy-backend.yml"), Or("DEPLOY_FRONTEND_WORKFLOW", "deploy-frontend.yml"))
                : null,
            Value("DEPLOY_VERCEL_PROJECT") is { } project
                ? new VercelSettings(project, Or("DEPLOY_VERCEL_TOKEN", ""), Value("DEPLOY_VERCEL_TEAM"), Or("DEPLOY_VERCEL_API", VercelSettings.PublicApi))
                : null);
    }
}

/// <param name="Repository">A clone; its own branch is what may be deployed, its remote is where production tags go.</param>
/// <param name="Releases">A folder with one folder per frontend build and the link <c>current</c>; null when there is no frontend.</param>
/// <param name="Git">The git program.</param>
public sealed record LocalSettings(string Repository, string? Releases = null, string Branch = "main", string Remote = "origin", string Git = "git");

/// <param name="Repository"><c>owner/name</c>.</param>
public sealed record GitHubSettings(
    string Repository, string Token, string Api = GitHubSettings.PublicApi, string Branch = "main",
    string BackendWorkflow = "deploy-backend.yml", string FrontendWorkflow = "deploy-frontend.yml")
{
    public const string PublicApi = "https://api.github.com";

    // A record prints its members, and one of them is a secret.
    public override string ToString() => $"GitHub {Repository} at {Api}";
}

public sealed record VercelSettings(string Project, string Token, string? Team = null, string Api = VercelSettings.PublicApi)
{
    public const string PublicApi = "https://api.vercel.com";

    public override string ToString() => $"Vercel {Project} at {Api}";
}
