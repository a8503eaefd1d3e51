using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Pipeline;

public sealed class A_merge_goes_to_production : IAsyncDisposable
{
    private readonly Delivery _delivery = new();

    public ValueTask DisposeAsync() => _delivery.DisposeAsync();

    [Fact]
    [Trait("Accepts", "D.2")]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "F13.1")]
    public async Task Through_staging_its_tests_two_approved_deploys_and_the_tests_of_production()
    {
        var shop = _delivery.Shop;
        var sha = shop.Merge("Show taxes");
        var (old, now, build) = (_delivery.Live[..7], sha[..7], $"dpl_{sha[..7]}");
        var untouched = shop.Repo.RemoteRefs;

        var root = await _delivery.Run();
        Assert.Equal((ThreadStatus.Pending, "deploybot"), (root.Thread.Status, _delivery.Asking(root).Thread.Start.Agent));
        Assert.Equal($"Promote deployment {build} ({now}) to frontend production (now dpl_{old}, {old})?", _delivery.Asked(root));
        Assert.Equal("<h1>Open the shop</h1>", await shop.Production("/"));
        root = await _delivery.Answer(root, approved: false, comment: "deploy the backend first");
        Assert.Equal($"Deploy {now} to backend production (now {old})?", _delivery.Asked(root));
        Assert.Equal(untouched, shop.Repo.RemoteRefs);
        root = await _delivery.Answer(root, approved: true);
        Assert.Equal($"Promote deployment {build} ({now}) to frontend production (now dpl_{old}, {old})?", _delivery.Asked(root));
        Assert.Equal(("<h1>Open the shop</h1>", $"{sha} {_delivery.Live}"), (await shop.Production("/"), await shop.Production("/version")));
        var deploybot = _delivery.Asking(root).Thread.Id;
        root = await _delivery.Answer(root, approved: true);

        Assert.Equal(("<h1>Show taxes</h1>", $"{sha} {sha}"), (await shop.Production("/"), await shop.Production("/version")));
        Assert.Equal($"{untouched}\nrefs/tags/prod-20260301-090000-{now} {sha}", shop.Repo.RemoteRefs);
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(shop.Repo.Releases, "promotions.jsonl"), TestContext.Current.CancellationToken));
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
            """, StepsOf(root));
        Assert.Equal(
            $$$"""completed: {"outcome":"deployed","sha":"{{{sha}}}","production":{"backend":{"sha":"{{{sha}}}"},"frontend":{"deployment_id":"{{{build}}}","sha":"{{{sha}}}"}},"failed_tests":[],"message":"Production passes its tests. deploybot said: Backend: deployed {{{now}}} with tag prod-20260301-090000-{{{now}}}.\nFrontend: promoted {{{build}}} (built from {{{now}}}). file://{{{shop.Repo.Releases}}}/{{{build}}}"}""",
            Told.Of(root)[^1]);
        Assert.Equal(
            """
            promote_vercel_deployment
            no deploy the backend first
            tag_push_prod
            yes
            promote_vercel_deployment
            yes
            done_for_now
            """, StepsOf(_delivery.Bench.Store.Read(deploybot)));
    }

    [Fact]
    [Trait("Accepts", "D.1")]
    public async Task Nothing_is_called_and_nothing_is_touched_when_staging_fails_its_tests()
    {
        var untouched = _delivery.Shop.Repo.RemoteRefs;
        var sha = _delivery.Shop.Merge("Break the page", checks: """[{"path":"/"},{"path":"/","contains":"prices"}]""");

        var root = await _delivery.Run();

        Assert.Equal(
            """
            resolve_commit
            deploy_to_staging
            test_staging
            mark_build
            look_at_production
            """, StepsOf(root));
        Assert.Equal(
            $$$"""completed: {"outcome":"staging_failed","sha":"{{{sha}}}","production":{"backend":{"sha":"{{{_delivery.Live}}}"},"frontend":{"deployment_id":"dpl_{{{_delivery.Live[..7]}}}","sha":"{{{_delivery.Live}}}"}},"failed_tests":[{"test":"GET /","why":"the reply does not contain \"prices\""}],"message":"Staging fails its tests, so nothing went to production."}""",
            Told.Of(root)[^1]);
        Assert.Equal((untouched, "failed"), (_delivery.Shop.Repo.RemoteRefs, _delivery.Shop.StatusOf($"dpl_{sha[..7]}")));
        Assert.Equal("<h1>Open the shop</h1>", await _delivery.Shop.Production("/"));
    }

    [Fact]
    [Trait("Accepts", "D.2")]
    public async Task A_deploy_that_nobody_approves_ends_with_production_as_it_was()
    {
        var sha = _delivery.Shop.Merge("Show taxes");

        var root = await _delivery.Run(sha);
        root = await _delivery.Answer(root, approved: false, comment: "not today");

        Assert.Equal("not_deployed", Output(root, "outcome"));
        Assert.Equal("Production is what it was. deploybot said: Nothing was deployed: the frontend deploy was rejected (\"not today\").", Output(root, "message"));
        Assert.DoesNotContain(root.Events, e => e is StepChosen { Intent: "test_production" });
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task A_deploybot_that_is_cancelled_decides_nothing_what_is_live_does()
    {
        _delivery.Shop.Merge("Show taxes");
        var root = await _delivery.Run();
        root = await _delivery.Answer(root, approved: true);
        await _delivery.Bench.Host.Cancel(_delivery.Asking(root).Thread.Id, AgentBench.Me, "enough");
        root = await _delivery.Bench.SettleTree(root.Thread.Id);

        // The frontend was deployed by then, and passes its tests beside the older backend.
        Assert.Equal("deployed", Output(root, "outcome"));
        Assert.Equal("Production passes its tests. deploybot said: deploybot failed: it was cancelled: enough", Output(root, "message"));
    }

    [Fact]
    [Trait("Accepts", "F1.4")]
    public async Task A_commit_that_is_not_there_is_said_to_be_so()
    {
        var root = await _delivery.Run("abcdef1");

        Assert.Equal("failed: resolve_commit failed: There is no commit abcdef1 in the repository. Call list_git_commits and use a SHA from there.", Told.Of(root)[^1]);
    }

    internal static string? Output(ThreadLog log, string member) => ((State.Threads.ThreadState.Completed)log.Thread.State).Output.Element().GetProperty(member).GetString();

    /// <summary>What was chosen, and what people said to it.</summary>
    internal static string StepsOf(ThreadLog log) => string.Join("\n", log.Events.Select(happened => happened switch
    {
        StepChosen e => e.Intent,
        RequestAnswered { Approved: { } yes } e => $"{(yes ? "yes" : "no")} {e.Comment}".TrimEnd(),
        _ => null,
    }).OfType<string>());
}
