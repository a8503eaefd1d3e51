using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Tools;
using Xunit;
using static AgentMcp.Agents.Tests.WireFacts;

namespace AgentMcp.Agents.Tests;

public sealed class Deploying_with_GitHub_and_Vercel : IDisposable
{
    private const string Runs = "GET /repos/acme/shop/actions/workflows/deploy-backend.yml/runs?per_page=20&event=workflow_dispatch&branch=main";
    private const string Dispatch = "POST /repos/acme/shop/actions/workflows/deploy-backend.yml/dispatches";
    private const string List = "GET /v6/deployments?projectId=prj_1&target=production&limit=100&teamId=team_1";
    private readonly WireServer _server = new();
    private readonly HttpClient _http = new();
    private readonly HurriedClock _clock = new();

    private GitHubVercelTarget Target => new(
        new GitHubSettings("acme/shop", "gh-secret", _server.Url), new VercelSettings("prj_1", "vc-secret", "team_1", _server.Url), _http, _clock);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
    }

    [Fact, Trait("Accepts", "DB.3")]
    public async Task A_backend_deploy_dispatches_the_workflow_with_the_sha_and_returns_the_new_run()
    {
        GitHubKnows();
        _server.Answers(Runs, RunsOf(1)).Answers(Runs, RunsOf(1)).Answers(Runs, RunsOf(2, 1)).Answers(Dispatch, "", 204);

        var deployed = await Target.DeployBackend(New[..7], "thr_a/call_1", _clock.GetUtcNow(), Stop);

        Assert.Equal(new BackendDeploy(New, null, null, $"https://github.example/commit/{New}",
            new WorkflowRun("2", "deploy-backend.yml", "queued", null, New, "https://github.example/runs/2", new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero), "mia", "Deploy backend")), deployed);
        Assert.Equal(TimeSpan.FromSeconds(4), _clock.Waited);
        Assert.Equal(
            $$$"""
            POST /repos/acme/shop/actions/workflows/deploy-backend.yml/dispatches HTTP/1.1
            Host: {{{new Uri(_server.Url).Authority}}}
            Authorization: Bearer gh-secret
            User-Agent: agentmcp
            Accept: application/vnd.github+json
            X-GitHub-Api-Version: 2022-11-28
            Content-Type: application/json; charset=utf-8
            Content-Length: 84

            {"ref":"main","inputs":{"sha_to_deploy":"9f2c1ab000000000000000000000000000000000"}}
            """,
            _server.Requests.Single(request => request.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact, Trait("Accepts", "DB.3")]
    public async Task A_run_that_does_not_appear_is_reported_and_not_invented()
    {
        GitHubKnows();
        _server.Answers(Runs, RunsOf(1)).Answers(Dispatch, "", 204);

        var deployed = await Target.DeployBackend(New, "thr_a/call_1", _clock.GetUtcNow(), Stop);

        Assert.Null(deployed.Run);
        Assert.Equal("deploy-backend.yml was started, but no new run was seen yet. Look for it with list_github_workflow_runs.", deployed.Note);
        Assert.Equal(TimeSpan.FromSeconds(16), _clock.Waited);
    }

    [Fact, Trait("Accepts", "DB.3")]
    public async Task Two_runs_that_appear_together_are_both_named()
    {
        GitHubKnows();
        _server.Answers(Runs, RunsOf(1)).Answers(Runs, RunsOf(3, 2, 1)).Answers(Dispatch, "", 204);

        Assert.Equal(
            "deploy-backend.yml was started, but so were others at the same time; it is one of https://github.example/runs/3, https://github.example/runs/2.",
            (await Target.DeployBackend(New, "thr_a/call_1", _clock.GetUtcNow(), Stop)).Note);
    }

    [Fact]
    public async Task A_refused_dispatch_is_an_error_with_the_reason_and_without_the_token()
    {
        GitHubKnows();
        _server.Answers(Runs, RunsOf(1)).Answers(Dispatch, """{"message":"Unexpected inputs for gh-secret"}""", 422);

        var refused = await Assert.ThrowsAsync<ToolException>(() => Target.DeployBackend(New, "thr_a/call_1", _clock.GetUtcNow(), Stop));
        Assert.Equal("GitHub refused POST /repos/acme/shop/actions/workflows/deploy-backend.yml/dispatches with 422: Unexpected inputs for ***.", refused.Message);
    }

    [Theory, Trait("Accepts", "F8.7")]
    [InlineData(502, "oops", "GitHub answered 502 to POST /repos/acme/shop/actions/workflows/deploy-backend.yml/dispatches, so it is not known whether it was done.")]
    [InlineData(200, "{}", "GitHub answered 200 instead of 204 to the dispatch of deploy-backend.yml, so it is not known whether it was started.")]
    public async Task A_dispatch_with_an_unclear_answer_is_in_doubt(int status, string body, string why)
    {
        GitHubKnows();
        _server.Answers(Runs, RunsOf(1)).Answers(Dispatch, body, status);

        Assert.Equal(why, (await Assert.ThrowsAsync<OutcomeUnknownException>(() => Target.DeployBackend(New, "thr_a/call_1", _clock.GetUtcNow(), Stop))).Message);
    }

    [Fact, Trait("Accepts", "F8.7")]
    public async Task A_dispatch_without_an_answer_is_in_doubt_and_one_that_was_never_sent_is_not()
    {
        GitHubKnows();
        _server.Answers(Runs, RunsOf(1)).Answers(Dispatch, null);
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => Target.DeployBackend(New, "thr_a/call_1", _clock.GetUtcNow(), Stop));

        var gone = Target;
        _server.Dispose();
        var error = await Assert.ThrowsAsync<ToolException>(() => gone.DeployBackend(New, "thr_a/call_1", _clock.GetUtcNow(), Stop));
        Assert.StartsWith("GitHub gave no usable answer to GET /repos/acme/shop/commits/", error.Message, StringComparison.Ordinal);
    }

    [Fact, Trait("Accepts", "DB.2")]
    public async Task Commits_off_main_and_other_workflows_are_refused_and_nothing_is_dispatched()
    {
        GitHubKnows(relation: "diverged");

        var stray = await Assert.ThrowsAsync<ToolException>(() => Target.DeployBackend(New, "thr_a/call_1", _clock.GetUtcNow(), Stop));
        var other = await Assert.ThrowsAsync<ToolException>(() => Target.WorkflowRuns("nightly.yml", 3, Stop));

        Assert.Equal("Commit 9f2c1ab is not on the branch main, and only commits of main may be deployed. Merge it first, or choose one from list_git_commits.", stray.Message);
        Assert.Equal("There is no deploy workflow \"nightly.yml\"; there are deploy-backend.yml and deploy-frontend.yml.", other.Message);
        Assert.DoesNotContain(_server.Lines, line => line.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact, Trait("Accepts", "F1.4")]
    public async Task A_commit_GitHub_does_not_have_is_refused()
    {
        _server.Answers("GET /repos/acme/shop/commits/abcdef1", """{"message":"No commit found for SHA: abcdef1"}""", 422);

        var unknown = await Assert.ThrowsAsync<ToolException>(() => Target.Resolve("abcdef1", Stop));
        Assert.Equal("There is no commit abcdef1 in acme/shop. Call list_git_commits and use a SHA from there.", unknown.Message);
    }

    [Fact]
    public async Task What_the_backend_runs_is_the_last_production_tag()
    {
        GitHubKnows();
        _server.Answers("GET /repos/acme/shop/commits?sha=main&per_page=2", $"[{CommitOf(New)},{CommitOf(Old)}]");

        Assert.Equal(Old, (await Target.LiveBackend(Stop))!.Sha);
        Assert.Equal([[], ["prod-20260130-100000-51e07dd", "v1"]], (await Target.Commits(2, Stop)).Select(commit => commit.Tags));
        Assert.True(await Target.IsOlder(Old, New, Stop));
    }

    [Fact, Trait("Accepts", "DB.3")]
    public async Task Production_deployments_are_listed_and_the_promoted_one_is_current()
    {
        _server.Answers(List, Deployments(("dpl_p", "preview", "STAGED"), ("dpl_2", "production", "STAGED"), ("dpl_1", "production", "PROMOTED")));

        var listed = await Target.Deployments(Stop);

        Assert.Equal(
        [
            new Deployment("dpl_2", New, "https://dpl_2.vercel.example", "staged", DateTimeOffset.FromUnixTimeMilliseconds(1769900000001), "Mia", "Fix login", Current: false),
            new Deployment("dpl_1", New, "https://dpl_1.vercel.example", "ready", DateTimeOffset.FromUnixTimeMilliseconds(1769900000000), "Mia", "Fix login", Current: true),
        ], listed);
        Assert.Equal(
            $"{List} HTTP/1.1\nHost: {new Uri(_server.Url).Authority}\nAuthorization: Bearer vc-secret\nUser-Agent: agentmcp\n\n", Assert.Single(_server.Requests));
    }

    [Fact]
    public async Task When_several_were_promoted_the_project_says_which_is_live()
    {
        _server.Answers(List, Deployments(("dpl_2", "production", "PROMOTED"), ("dpl_1", "production", "PROMOTED")))
            .Answers("GET /v9/projects/prj_1?teamId=team_1", """{"id":"prj_1","targets":{"production":{"id":"dpl_1"}}}""");

        Assert.Equal([("dpl_2", false), ("dpl_1", true)], (await Target.Deployments(Stop)).Select(one => (one.DeploymentId, one.Current)));
    }

    [Fact]
    public async Task Promoting_posts_once_and_says_that_traffic_follows()
    {
        _server.Answers(List, Deployments(("dpl_2", "production", "STAGED"), ("dpl_1", "production", "PROMOTED")))
            .Answers("POST /v10/projects/prj_1/promote/dpl_2?teamId=team_1", "", 201);

        var promoted = await Target.Promote("dpl_2", "thr_a/call_1", Stop);

        Assert.Equal(new Promotion("dpl_2", New, "https://dpl_2.vercel.example",
            "Vercel accepted it and switches traffic within a minute or so; list_vercel_deployments shows when it is current."), promoted);
        Assert.Equal([List, "POST /v10/projects/prj_1/promote/dpl_2?teamId=team_1"], _server.Lines);
        Assert.Equal(
            $"POST /v10/projects/prj_1/promote/dpl_2?teamId=team_1 HTTP/1.1\nHost: {new Uri(_server.Url).Authority}\nAuthorization: Bearer vc-secret\nUser-Agent: agentmcp\nContent-Length: 0\n\n",
            _server.Requests.Last());
    }

    [Fact]
    public async Task A_token_Vercel_does_not_take_is_said_in_words()
    {
        _server.Answers(List, """{"error":{"code":"forbidden","message":"Not authorized"}}""", 403);

        var error = await Assert.ThrowsAsync<ToolException>(() => Target.Deployments(Stop));
        Assert.Equal("Vercel refused GET /v6/deployments with 403: Not authorized. Its token may not do this, or too many requests were made.", error.Message);
    }

    private void GitHubKnows(string relation = "ahead")
    {
        _server
            .Answers($"GET /repos/acme/shop/commits/{New}", CommitOf(New)).Answers($"GET /repos/acme/shop/commits/{New[..7]}", CommitOf(New))
            .Answers("GET /repos/acme/shop/commits/prod-20260130-100000-51e07dd", CommitOf(Old))
            .Answers("GET /repos/acme/shop/tags?per_page=100", $$"""[{"name":"v1","commit":{"sha":"{{Old}}"} },{"name":"prod-20260130-100000-51e07dd","commit":{"sha":"{{Old}}"} }]""")
            .Answers("GET /repos/acme/shop/git/matching-refs/tags/prod-", """[{"ref":"refs/tags/prod-20260101-100000-0000000"},{"ref":"refs/tags/prod-20260130-100000-51e07dd"},{"ref":"refs/tags/prod-test"}]""")
            .Answers($"GET /repos/acme/shop/compare/{New}...main?per_page=1", $$"""{"status":"{{relation}}"}""")
            .Answers($"GET /repos/acme/shop/compare/{Old}...{New}?per_page=1", """{"status":"ahead"}""");
    }
}
