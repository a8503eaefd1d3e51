using AgentMcp.Agents.Microagents.Pipeline;
using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.Agents.Tools;
using static AgentMcp.Agents.Tests.Monorepo;

namespace AgentMcp.Agents.Tests.Pipeline;

public sealed class Testing_a_service : IDisposable
{
    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    [Trait("Accepts", "D.1")]
    public async Task The_checks_of_the_commit_are_run_against_staging_over_http()
    {
        var sha = _shop.Merge("Add search");
        await _shop.World.DeployToStaging(await _shop.World.Resolve(sha, Stop), "thr/call_2", Stop);

        var report = await _shop.World.TestStaging(sha, Stop);

        Assert.Equal((3, true), (report.Tests, report.Passed));
    }

    [Fact]
    [Trait("Accepts", "D.1")]
    public async Task Each_failing_check_says_what_was_expected()
    {
        var sha = _shop.Merge("Add search", checks: """
            [ {"path": "/", "contains": "Add a basket"}, {"path": "/nowhere"}, {"path": "/nowhere", "status": 404}, {"path": "/version", "contains": "{frontend}"} ]
            """);
        await _shop.World.DeployToStaging(await _shop.World.Resolve(sha, Stop), "thr/call_2", Stop);

        var report = await _shop.World.TestStaging(sha, Stop);

        Assert.Equal(4, report.Tests);
        Assert.Equal([new("GET /", "the reply does not contain \"Add a basket\""), new FailedTest("GET /nowhere", "expected status 200, got 404")], report.Failed);
    }

    [Fact]
    public async Task A_service_that_is_gone_fails_its_tests_and_is_no_error()
    {
        var sha = _shop.Merge("Add search", checks: """[{"path":"/"}]""");
        var world = new PipelineWorld(_shop.Settings with { Production = new("http://127.0.0.1:9/") }, new(_shop.Repo.Clone, _shop.Repo.Releases), _shop.Repo.Target, new(), _shop.Repo.Clock);

        var report = await world.TestProduction(sha, new(null, null), Stop);

        Assert.Equal(["GET /: no answer: Connection refused (127.0.0.1:9)"], report.Failed.Select(test => $"{test.Test}: {test.Why}"));
    }

    [Fact]
    public async Task Once_nothing_of_a_commit_is_live_production_is_tested_by_what_is()
    {
        var old = _shop.Merge("Add search", checks: """[{"path":"/settings"}]""");
        var merged = _shop.Merge("Fix login", checks: """[{"path":"/settings"},{"path":"/nowhere"}]""");
        _shop.Repo.DeployedElsewhere("prod-20260131-110000-old", old);
        _shop.Repo.Release("dpl_0", old);
        _shop.Repo.Serve("dpl_0");

        Assert.Equal(new InProduction(new(old), new("dpl_0", old)), await _shop.World.Live(Stop));
        Assert.True((await _shop.World.TestProduction(merged, new(new(old), new("dpl_0", old)), Stop)).Passed);
        Assert.False((await _shop.World.TestProduction(merged, new(new(old), new("dpl_1", merged)), Stop)).Passed);
    }

    [Theory]
    [InlineData("[]", "it lists no check")]
    [InlineData("""{"path":"/"}""", "it is not of the right form at $, line 1")]
    [InlineData("[{\"path\":\"/\"}", "it is not of the right form at $[1], line 1")]
    [InlineData("""[{"path":"version"}]""", "the path 'version' must begin with one slash")]
    [InlineData("""[{"path":"//elsewhere.example/"}]""", "the path '//elsewhere.example/' must begin with one slash")]
    [InlineData("""[{"path":"/","status":99}]""", "99 is no HTTP status")]
    [InlineData("""[{"path":"/","contain":"x"}]""", "it is not of the right form at $[0].contain, line 1")]
    public async Task A_list_of_checks_that_cannot_be_used_is_said_to_be_so(string checks, string why)
    {
        var sha = _shop.Merge("Add search", checks: checks);

        var wrong = await Assert.ThrowsAsync<ToolException>(() => _shop.World.TestStaging(sha, Stop));

        Assert.Equal($$"""{{sha[..7]}}:checks.json cannot be used: {{why}}. It must be a list such as [{"path": "/health"}, {"path": "/", "status": 200, "contains": "some text"}].""", wrong.Message);
    }

    [Fact]
    public async Task A_commit_without_tests_is_refused()
    {
        var sha = _shop.Repo.Commit("No tests");

        var wrong = await Assert.ThrowsAsync<ToolException>(() => _shop.World.TestStaging(sha, Stop));

        Assert.Equal($"Commit {sha[..7]} has no tests: there is no checks.json in it (fatal: path 'checks.json' does not exist in '{sha}'). Add one, or set AGENTMCP_PIPELINE_CHECKS to the file that lists them.", wrong.Message);
    }
}
