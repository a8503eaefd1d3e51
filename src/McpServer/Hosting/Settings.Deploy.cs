using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Pipeline;

namespace AgentMcp.Server.Hosting;

/// <summary>What the built-in agents deploy, and where to.</summary>
internal sealed partial class Settings
{
    private static IEnumerable<(string Name, string? Default, string Meaning)> DeployRows =>
    [
        ("deploy_repo", null, "deploybot, local: a git repository."),
        ("deploy_releases", null, "deploybot, local: its folder of frontend releases."),
        ("deploy_git", "git", "deploybot, local: the git program."),
        ("deploy_branch", "main", "deploybot: the only branch that is deployed."),
        ("deploy_remote", "origin", "deploybot, local: where tags are pushed."),
        ("deploy_github", null, "deploybot, GitHub: owner/name."),
        ("deploy_github_token", null, "deploybot, GitHub: a token."),
        ("deploy_github_api", GitHubSettings.PublicApi, "deploybot, GitHub: the API."),
        ("deploy_backend_workflow", "deploy-backend.yml", "deploybot, GitHub: the backend's workflow."),
        ("deploy_frontend_workflow", "deploy-frontend.yml", "deploybot, GitHub: the frontend's workflow."),
        ("deploy_vercel_project", null, "deploybot, Vercel: the project."),
        ("deploy_vercel_token", null, "deploybot, Vercel: a token."),
        ("deploy_vercel_team", null, "deploybot, Vercel: the team."),
        ("deploy_vercel_api", VercelSettings.PublicApi, "deploybot, Vercel: the API."),
        ("pipeline_staging_url", null, "pipeline: where staging is reached."),
        ("pipeline_production_url", null, "pipeline: where production is reached."),
        ("pipeline_checks", PipelineSettings.StandardChecks, "pipeline: the file of the repository that lists its tests."),
        ("pipeline_frontend", PipelineSettings.WholeRepository, "pipeline: the folder of the repository that a frontend build is made of."),
        ("pipeline_settle", null, $"pipeline: how long to wait before tests of production that fail are run once more: {Duration.Example}."),
    ];
}
