using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;
using static AgentMcp.Agents.Tests.Pipeline.A_merge_goes_to_production;

namespace AgentMcp.Agents.Tests.Pipeline;

public sealed class Production_that_fails_is_taken_back : IAsyncDisposable
{
    private readonly Delivery _delivery = new();

    public ValueTask DisposeAsync() => _delivery.DisposeAsync();

    [Fact]
    [Trait("Accepts", "D.3")]
    [Trait("Accepts", "D.4")]
    public async Task By_a_new_thread_that_knows_the_facts_with_two_approvals_and_tests_again()
    {
        var (root, sha) = await Broken();
        var rollback = _delivery.Asking(root);

        Assert.Equal(("rollback", 2), (rollback.Thread.Start.Agent, rollback.Thread.Path.Count));
        Assert.Equal(
            $$$"""{"sha":"{{{sha}}}","deployed":{"backend":{"sha":"{{{sha}}}"},"frontend":{"deployment_id":"dpl_{{{sha[..7]}}}","sha":"{{{sha}}}"}},"before":{"backend":{"sha":"{{{_delivery.Live}}}"},"frontend":{"deployment_id":"dpl_{{{_delivery.Live[..7]}}}","sha":"{{{_delivery.Live}}}"}},"failed_tests":[{"test":"GET /settings","why":"expected status 200, got 404"}]}""",
            rollback.Thread.Start.Input.Text);
        Assert.Equal(["ThreadStarted", "StepChosen", "RequestOpened"], rollback.Events.Select(happened => happened.GetType().Name));

        root = await _delivery.Answer(root, approved: true);
        Assert.Equal($"Roll backend production back to {_delivery.Live[..7]} (now {sha[..7]})?", _delivery.Asked(root));
        root = await _delivery.Answer(root, approved: true);

        Assert.Equal(
            """
            resolve_commit
            deploy_to_staging
            test_staging
            mark_build
            look_at_production
            deploybot
            look_at_production
            test_production
            rollback
            look_at_production
            test_production
            """, StepsOf(root));
        Assert.Equal("rolled_back", Output(root, "outcome"));
        Assert.Equal(("<h1>Open the shop</h1>", $"{_delivery.Live} {_delivery.Live}"), (await _delivery.Shop.Production("/"), await _delivery.Shop.Production("/version")));
    }

    [Fact]
    [Trait("Accepts", "D.4")]
    public async Task What_fails_after_that_too_goes_to_a_person_until_it_passes()
    {
        var (root, sha) = await Broken();
        root = await _delivery.Answer(root, approved: true);
        root = await _delivery.Answer(root, approved: false, comment: "keep the backend");

        // The frontend went back and the backend did not: neither its settings nor its page are there.
        Assert.Equal("Production fails 2 of its tests, also after the rollback. What now?", _delivery.Asked(root));
        Assert.Contains("- GET /settings: expected status 200, got 404", _delivery.Asking(root).Thread.OpenRequests.Single().Asked.Context, StringComparison.Ordinal);
        Assert.Equal(root.Thread.Id, _delivery.Asking(root).Thread.Id);
        root = await _delivery.Answer(root, response: "test_again");
        Assert.Equal("Production fails 2 of its tests, also after the rollback. What now?", _delivery.Asked(root));
        _delivery.Shop.Repo.DeployedElsewhere("prod-20260302-090000-hand", _delivery.Live);
        root = await _delivery.Answer(root, response: "test_again");

        Assert.Equal("rolled_back", Output(root, "outcome"));
        Assert.NotEqual(sha, (await _delivery.Shop.Production("/version")).Split(' ')[0]);
    }

    [Fact]
    [Trait("Accepts", "D.4")]
    public async Task Or_until_the_person_leaves_it_as_it_is()
    {
        var (root, sha) = await Broken();
        root = await _delivery.Answer(root, approved: false);
        root = await _delivery.Answer(root, response: "leave_it");

        Assert.Equal("left_failing", Output(root, "outcome"));
        Assert.Equal($"{sha} {sha}", await _delivery.Shop.Production("/version"));
        Assert.StartsWith("Production fails its tests and was left as it is. rollback said: Nothing was taken back: taking the frontend back was rejected (no comment given).", Output(root, "message"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F8.6")]
    public async Task A_deploy_that_needs_time_to_settle_gets_it_before_anything_is_taken_back()
    {
        await using var slow = new Delivery(settle: TimeSpan.FromSeconds(30));
        slow.Shop.Merge("Forget the settings", production: null);
        var root = await slow.Run();
        root = await slow.Answer(root, approved: true);
        root = await slow.Answer(root, approved: true);
        Assert.Equal(RequestKind.Sleep, root.Thread.OpenRequests.Single().Asked.Kind);

        // Somebody else's deploy, which is what the first tests were too early for.
        slow.Shop.Repo.DeployedElsewhere("prod-20260302-090000-later", slow.Live);
        slow.Bench.Clock.Advance(TimeSpan.FromSeconds(31));
        await slow.Bench.Runner.Recover();
        root = await slow.Bench.SettleTree(root.Thread.Id);

        Assert.Equal(2, root.Events.Count(e => e is StepChosen { Intent: "test_production" }));
    }

    [Fact]
    public async Task Also_when_it_could_not_be_looked_at_for_a_moment()
    {
        _delivery.Shop.Merge("Forget the settings", production: null);
        var root = await DeployedUnseen();
        Assert.Equal(RequestKind.Sleep, root.Thread.OpenRequests.Single().Asked.Kind);

        _delivery.Shop.IsRemoteReached = true;
        root = await Later(root);

        Assert.StartsWith("Roll frontend production back to deployment", _delivery.Asked(root), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Or_once_a_person_says_that_it_can_be_looked_at_and_is_not_forgotten_until_then()
    {
        _delivery.Shop.Merge("Forget the settings", production: null);
        var root = await Later(await Later(await DeployedUnseen()));
        Assert.Equal($"Production could not be looked at: git ls-remote failed in {_delivery.Shop.Repo.Clone}: fatal: unable to access the remote. What now?", _delivery.Asked(root));
        root = await Later(await Later(await _delivery.Answer(root, response: "try_again")));
        Assert.StartsWith("Production could not be looked at: ", _delivery.Asked(root), StringComparison.Ordinal);

        _delivery.Shop.IsRemoteReached = true;
        root = await _delivery.Answer(root, response: "try_again");
        root = await Later(root);
        root = await _delivery.Answer(root, approved: true);
        root = await _delivery.Answer(root, approved: true);

        Assert.Equal("rolled_back", Output(root, "outcome"));
    }

    [Fact]
    public async Task Or_is_left_unseen_by_a_person()
    {
        var sha = _delivery.Shop.Merge("Forget the settings", production: null);
        var root = await Later(await Later(await DeployedUnseen()));
        root = await _delivery.Answer(root, response: "leave_it");

        Assert.StartsWith(
            $$$"""completed: {"outcome":"left_failing","sha":"{{{sha}}}","production":{},"failed_tests":[],"message":"Production could not be looked at and was left as it is. deploybot said: """,
            Told.Of(root)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_the_tests_of_the_commit_that_failed_where_what_was_before_has_none()
    {
        await using var first = new Delivery(hasChecks: false);
        first.Shop.Merge("Forget the settings", production: null, checks: """[{"path":"/settings"}]""");
        var root = await first.Run();
        for (var approvals = 0; approvals < 4; approvals++)
        {
            root = await first.Answer(root, approved: true);
        }

        Assert.Equal("rolled_back", Output(root, "outcome"));
    }

    [Fact]
    public async Task Beside_a_build_that_somebody_is_still_writing()
    {
        var (root, _) = await Broken();
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_delivery.Shop.Repo.Releases, "dpl_new")).FullName, "release.json"), """{"git_commit_sha":"9f2c""");
        root = await _delivery.Answer(root, approved: true);
        root = await _delivery.Answer(root, approved: true);

        Assert.Equal("rolled_back", Output(root, "outcome"));
    }

    /// <summary>Both deploys are approved, and the pipeline cannot see what became of them.</summary>
    private async Task<ThreadLog> DeployedUnseen()
    {
        var root = await _delivery.Run();
        root = await _delivery.Answer(root, approved: true);
        _delivery.Shop.IsRemoteReached = false;
        return await _delivery.Answer(root, approved: true);
    }

    private async Task<ThreadLog> Later(ThreadLog root)
    {
        _delivery.Bench.Clock.Advance(TimeSpan.FromSeconds(10));
        await _delivery.Bench.Runner.Recover();
        return await _delivery.Bench.SettleTree(root.Thread.Id);
    }

    /// <summary>A commit that is right in staging and broken in production has been deployed there.</summary>
    private async Task<(ThreadLog Root, string Sha)> Broken()
    {
        var sha = _delivery.Shop.Merge("Forget the settings", production: null);
        var root = await _delivery.Run();
        root = await _delivery.Answer(root, approved: true);
        root = await _delivery.Answer(root, approved: true);
        Assert.Equal($"Roll frontend production back to deployment dpl_{_delivery.Live[..7]} ({_delivery.Live[..7]}) (now dpl_{sha[..7]}, {sha[..7]})?", _delivery.Asked(root));
        return (root, sha);
    }
}
