using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using Xunit;
using static AgentMcp.Agents.Tests.Monorepo;

namespace AgentMcp.Agents.Tests;

public sealed class Previewing_a_deploy : IDisposable
{
    private readonly Monorepo _repo = new();
    private readonly string _first;
    private readonly string _second;

    public Previewing_a_deploy()
    {
        _first = _repo.Commit("Add search", "Ravi");
        _second = _repo.Commit("Fix [login] `now`");
        _repo.DeployedElsewhere("prod-20260131-110000-first", _first);
        Git(_repo.Clone, "fetch", "--quiet", "--tags");
        _repo.Release("dpl_0", "51e07dd", author: "Ravi", message: "Add search");
        _repo.Release("dpl_1", "9f2c1ab", minute: 1, message: "Fix login");
        _repo.Serve("dpl_0");
    }

    public void Dispose() => _repo.Dispose();

    [Fact, Trait("Accepts", "DB.1")]
    public async Task A_backend_deploy_shows_from_and_to_and_binds_the_sha()
    {
        var preview = await _repo.Preview("tag_push_prod", """{"new_commit":{"sha":"latest","author":"somebody else"},"previous_commit":{"sha":"made up"}}""");

        Assert.Equal($"Deploy {_second[..7]} to backend production (now {_first[..7]})?", preview.Question);
        Assert.Equal(
            $$"""{"new_commit":{"sha":"{{_second}}","author":"Mia","date":"2026-01-31T10:01:00+00:00","message":"Fix [login] `now`","tags":[],"markdown":"`{{_second[..7]}}` Fix \\[login\\] \\`now\\` (Mia, 2026-01-31 10:01 UTC)"},"previous_commit":{"sha":"{{_first}}","author":"Ravi","date":"2026-01-31T10:00:00+00:00","message":"Add search","tags":["prod-20260131-110000-first"],"markdown":"`{{_first[..7]}}` Add search (Ravi, 2026-01-31 10:00 UTC)"},"sha_to_deploy":"{{_second}}"}""",
            preview.Arguments.Text);
        Assert.Equal(
            $"**Backend production**\n\n- from: `{_first[..7]}` Add search (Ravi, 2026-01-31 10:00 UTC)\n- to: `{_second[..7]}` Fix \\[login\\] \\`now\\` (Mia, 2026-01-31 10:01 UTC)\n",
            preview.Context);
    }

    [Fact, Trait("Accepts", "DB.1")]
    public async Task A_promotion_shows_from_and_to_and_binds_the_deployment()
    {
        var preview = await _repo.Preview("promote_vercel_deployment", """{"vercel_deployment":{"deployment_id":"dpl_1"}}""");

        Assert.Equal("Promote deployment dpl_1 (9f2c1ab) to frontend production (now dpl_0, 51e07dd)?", preview.Question);
        Assert.Equal(
            """{"vercel_deployment":{"deployment_id":"dpl_1","git_commit_sha":"9f2c1ab","url":"https://web.example/dpl_1","status":"ready","created_at":"2026-01-31T11:01:00+00:00","author":"Mia","commit_message":"Fix login","current":false,"markdown":"`dpl_1` from `9f2c1ab` Fix login (Mia, 2026-01-31 11:01 UTC, ready) [deployment](https://web.example/dpl_1)"},"previous_deployment":{"deployment_id":"dpl_0","git_commit_sha":"51e07dd","url":"https://web.example/dpl_0","status":"ready","created_at":"2026-01-31T11:00:00+00:00","author":"Ravi","commit_message":"Add search","current":true,"markdown":"`dpl_0` from `51e07dd` Add search (Ravi, 2026-01-31 11:00 UTC, ready) [deployment](https://web.example/dpl_0)"},"deployment_id":"dpl_1","new_deployment_sha":"9f2c1ab"}""",
            preview.Arguments.Text);
    }

    [Fact, Trait("Accepts", "R.1")]
    public async Task Previewing_its_own_arguments_gives_them_again_even_when_main_moved_on()
    {
        var preview = await _repo.Preview("tag_push_prod", """{"new_commit":{"sha":"latest"}}""");
        _repo.Commit("Newer still");
        _repo.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(preview, await _repo.Preview("tag_push_prod", preview.Arguments));

        var promotion = await _repo.Preview("promote_vercel_deployment", """{"vercel_deployment":{"deployment_id":"dpl_1"}}""");
        Assert.Equal(promotion, await _repo.Preview("promote_vercel_deployment", promotion.Arguments));
    }

    [Fact, Trait("Accepts", "R.1")]
    public async Task A_deploy_by_somebody_else_changes_the_action()
    {
        var third = _repo.Commit("Newer still");
        var preview = await _repo.Preview("tag_push_prod", """{"new_commit":{"sha":"latest"}}""");
        _repo.DeployedElsewhere("prod-20260131-120000-second", _second);

        var after = await _repo.Preview("tag_push_prod", preview.Arguments);

        Assert.NotEqual(preview.Arguments, after.Arguments);
        Assert.Equal($"Deploy {third[..7]} to backend production (now {_second[..7]})?", after.Question);
    }

    [Fact, Trait("Accepts", "DB.4")]
    public async Task Going_back_in_history_is_said_plainly()
    {
        _repo.DeployedElsewhere("prod-20260131-120000-second", _second);
        var backend = await _repo.Preview("tag_push_prod", $$"""{"new_commit":{"sha":"{{_first}}"} }""");
        await _repo.Target.Promote("dpl_1", "thr_a/call_1", Stop);
        var frontend = await _repo.Preview("promote_vercel_deployment", """{"vercel_deployment":{"deployment_id":"dpl_0"}}""");

        Assert.EndsWith("\n\n**Careful: this commit is older than what is live.** Approving takes production back in history.\n", backend.Context, StringComparison.Ordinal);
        Assert.EndsWith("\n\n**Careful: this deployment is older than what is live.** Approving takes production back in history.\n", frontend.Context, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_already_live_is_refused()
    {
        var backend = await Assert.ThrowsAsync<ToolException>(() => _repo.Preview("tag_push_prod", $$"""{"new_commit":{"sha":"{{_first[..8]}}"} }"""));
        var frontend = await Assert.ThrowsAsync<ToolException>(() => _repo.Preview("promote_vercel_deployment", """{"vercel_deployment":{"deployment_id":"dpl_0"}}"""));

        Assert.Equal($"Commit {_first[..7]} is already in production; there is nothing to deploy to the backend.", backend.Message);
        Assert.Equal("Deployment dpl_0 is already in production; there is nothing to promote.", frontend.Message);
    }

    [Fact, Trait("Accepts", "F6.4")]
    public async Task A_preview_deploys_nothing_and_the_run_deploys_what_was_bound()
    {
        var before = _repo.RemoteRefs;
        var preview = await _repo.Preview("tag_push_prod", """{"new_commit":{"sha":"latest"}}""");
        Assert.Equal(before, _repo.RemoteRefs);
        _repo.Commit("Newer still");

        var result = await _repo.Run("tag_push_prod", preview.Arguments);

        Assert.Equal($$"""{"sha":"{{_second}}","tag":"prod-20260201-120000-{{_second[..7]}}","pushed_to":"origin"}""", result);
        Assert.Equal($"{before}\nrefs/tags/prod-20260201-120000-{_second[..7]} {_second}", _repo.RemoteRefs);
    }

    [Fact, Trait("Accepts", "F1.4")]
    public async Task The_read_tools_list_facts_and_mark_what_is_live()
    {
        Assert.Equal(
            $$"""{"commits":[{"sha":"{{_second}}","author":"Mia","date":"2026-01-31T10:01:00+00:00","message":"Fix [login] `now`","tags":[],"markdown":"`{{_second[..7]}}` Fix \\[login\\] \\`now\\` (Mia, 2026-01-31 10:01 UTC)"}],"backend_in_production":"{{_first}}"}""",
            await _repo.Run("list_git_commits", """{"limit":1}"""));
        Assert.Equal(
            $$"""{"tags":[{"name":"prod-20260131-110000-first","sha":"{{_first}}","production":true,"current":true,"date":"TIME","message":"by hand"}]}""",
            System.Text.RegularExpressions.Regex.Replace(await _repo.Run("list_git_tags", "{}"), "\"date\":\"[^\"]*\"", "\"date\":\"TIME\""));
        var listed = JsonText.Parse(await _repo.Run("list_vercel_deployments", "{}")).Element().GetProperty("deployments").EnumerateArray();
        Assert.Equal([("dpl_1", false), ("dpl_0", true)], listed.Select(one => (one.GetProperty("deployment_id").GetString(), one.GetProperty("current").GetBoolean())));
    }

    [Fact, Trait("Accepts", "DB.2")]
    public async Task Only_the_two_deploy_workflows_can_be_asked_for()
    {
        var schema = _repo.Tool("list_github_workflow_runs").Arguments;

        Assert.NotNull(JsonSchemas.Violation(schema, JsonText.Parse("""{"workflow":"other"}""")));
        Assert.Null(JsonSchemas.Violation(schema, JsonText.Parse("""{"workflow":"backend","limit":3}""")));
        var refused = await Assert.ThrowsAsync<ToolException>(() => _repo.Target.WorkflowRuns("other", 3, Stop));
        Assert.Equal("There is no deploy workflow \"other\"; there are backend and frontend.", refused.Message);
    }

    [Fact]
    public void The_gated_tools_take_what_a_model_copies_from_a_list_and_need_only_the_key()
    {
        var push = _repo.Tool("tag_push_prod");
        var promote = _repo.Tool("promote_vercel_deployment");

        Assert.Equal((Effect.Effectful, Route.Approve, Effect.Effectful, Route.Approve), (push.Effect, push.Route, promote.Effect, promote.Route));
        Assert.Null(JsonSchemas.Problem(push.Arguments));
        Assert.Null(JsonSchemas.Violation(push.Arguments, JsonText.Parse("""{"new_commit":{"sha":"9f2c1ab","url":null,"tags":["v1"],"more":1}}""")));
        Assert.NotNull(JsonSchemas.Violation(push.Arguments, JsonText.Parse("""{"new_commit":{"author":"Mia"}}""")));
        Assert.Null(JsonSchemas.Violation(promote.Arguments, JsonText.Parse("""{"vercel_deployment":{"deployment_id":"dpl_1","current":false},"previous_deployment":{"deployment_id":"dpl_0"}}""")));
        Assert.NotNull(JsonSchemas.Violation(promote.Arguments, JsonText.Parse("""{"vercel_deployment":{}}""")));
    }
}
