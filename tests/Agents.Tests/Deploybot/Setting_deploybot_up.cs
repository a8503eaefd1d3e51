using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Tools;
using Xunit;

namespace AgentMcp.Agents.Tests;

public sealed class Setting_deploybot_up
{
    [Fact]
    public async Task Without_settings_the_tools_are_there_and_say_what_to_set()
    {
        Assert.Equal(
            "Deploybot is not set up: set AGENTMCP_DEPLOY_REPO to a git repository (and AGENTMCP_DEPLOY_RELEASES to its folder of frontend releases), "
            + "or AGENTMCP_DEPLOY_GITHUB to owner/name with AGENTMCP_DEPLOY_GITHUB_TOKEN, AGENTMCP_DEPLOY_VERCEL_PROJECT and AGENTMCP_DEPLOY_VERCEL_TOKEN. Then restart the server.",
            await Complaint([]));
    }

    [Fact]
    public async Task Half_a_setup_names_what_is_missing()
    {
        Assert.Equal("Deploybot may not use GitHub yet: set AGENTMCP_DEPLOY_GITHUB_TOKEN.", await Complaint(new() { ["DEPLOY_GITHUB"] = "acme/shop" }));
        Assert.Equal("AGENTMCP_DEPLOY_GITHUB must name one repository as owner/name.", await Complaint(new() { ["DEPLOY_GITHUB"] = "shop", ["DEPLOY_GITHUB_TOKEN"] = "t" }));
        Assert.Equal("Deploybot is set up twice: AGENTMCP_DEPLOY_REPO and AGENTMCP_DEPLOY_GITHUB are both set. Remove one of them.",
            await Complaint(new() { ["DEPLOY_GITHUB"] = "acme/shop", ["DEPLOY_REPO"] = "." }));
    }

    [Fact]
    public void Settings_are_read_by_name_and_their_secrets_do_not_print()
    {
        var settings = DeploySettings.From(name => name switch
        {
            "DEPLOY_GITHUB" => "acme/shop",
            "DEPLOY_GITHUB_TOKEN" => "gh-secret",
            "DEPLOY_VERCEL_PROJECT" => "prj_1",
            "DEPLOY_VERCEL_TOKEN" => "vc-secret",
            "DEPLOY_VERCEL_TEAM" => " ",
            _ => null,
        });

        Assert.Equal(new DeploySettings(null, new GitHubSettings("acme/shop", "gh-secret"), new VercelSettings("prj_1", "vc-secret")), settings);
        Assert.Equal(
            "DeploySettings { Local = , GitHub = GitHub acme/shop at https://api.github.com, Vercel = Vercel prj_1 at https://api.vercel.com }", $"{settings}");
    }

    [Fact, Trait("Accepts", "F10.3")]
    public void Its_file_loads_with_its_tools_and_a_cap_of_ten_steps()
    {
        using var http = new HttpClient();
        var tools = Microagents.Deploybot.Deploybot.Tools(DeployTarget.From(new(), new(http), TimeProvider.System)).ToDictionary(tool => tool.Name);
        var agent = AgentFile.Read(Directory.EnumerateFiles(AppContext.BaseDirectory, "deploybot.agent.md", SearchOption.AllDirectories).First(), tools, DeploybotRules.Next);

        Assert.Equal(
            ["request_more_information", "done_for_now", "nothing_to_do", "await", "list_git_commits", "list_git_tags", "list_vercel_deployments", "list_github_workflow_runs", "tag_push_prod", "promote_vercel_deployment"],
            agent.Intents.Select(intent => intent.Name));
        Assert.Equal(("deploybot", 10), (agent.Name, agent.Limits.Steps));
    }

    private static async Task<string> Complaint(Dictionary<string, string> settings)
    {
        using var http = new HttpClient();
        var target = DeployTarget.From(DeploySettings.From(settings.GetValueOrDefault), new(http), TimeProvider.System);
        var list = Microagents.Deploybot.Deploybot.Tools(target).Single(tool => tool.Name == "list_git_commits");
        return (await Assert.ThrowsAsync<ToolException>(() => list.Run(Monorepo.CallOf(State.Json.JsonText.Parse("{}")), TestContext.Current.CancellationToken))).Message;
    }
}
