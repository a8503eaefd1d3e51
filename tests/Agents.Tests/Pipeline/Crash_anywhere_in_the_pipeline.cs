using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Agents.Tests.Pipeline;

/// <summary>
/// The long way: deployed, failed, taken back. The process dies at a commit, whichever of the three threads makes it,
/// and another one brings it to the same end. A person who is asked what became of a deploy looks and says.
/// </summary>
public sealed class Crash_anywhere_in_the_pipeline : IAsyncDisposable
{
    private readonly Delivery _delivery = new();
    private string _sha = "";

    public ValueTask DisposeAsync() => _delivery.DisposeAsync();

    // 27, 34, 56 and 61 cut a deploy off, each of the four.
    public static TheoryData<int> Events() => [1, 6, 13, 21, 27, 34, 41, 46, 53, 56, 61, 71];

    [Theory]
    [Trait("Accepts", "D.4")]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "R.6")]
    [Trait("Accepts", "F8.7")]
    [MemberData(nameof(Events))]
    public async Task Every_deploy_happens_once_and_production_ends_as_it_began(int stored)
    {
        _sha = _delivery.Shop.Merge("Forget the settings", production: null);
        var first = _delivery.Bench;
        using var disk = first.Database.Connect();
        disk.Execute($"CREATE TRIGGER cut BEFORE INSERT ON events WHEN (SELECT count(*) FROM events) >= {stored} BEGIN SELECT json_extract('{{', '$'); END");
        var id = await first.Host.Start("pipeline", JsonText.Parse("{}"), AgentBench.Me);
        await Record.ExceptionAsync(() => Drive(id));
        await Record.ExceptionAsync(() => first.Runner.Stop(TimeSpan.Zero));
        disk.Execute("DROP TRIGGER cut");

        _delivery.Bench = first.Crash();
        while (await _delivery.Bench.Runner.Recover() > 0)
        {
            await _delivery.Bench.SettleTree(id);
        }

        var root = await Drive(id);

        Assert.Equal("rolled_back", A_merge_goes_to_production.Output(root, "outcome"));
        Assert.Equal(["deploybot completed", "pipeline completed", "rollback completed"],
            new ThreadSearch(_delivery.Bench.Database).Family(id, 100).Select(row => $"{row.Agent} {row.Status}").Order(StringComparer.Ordinal));
        Assert.Equal([_delivery.Live, _sha, _delivery.Live], Tags());
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path.Combine(_delivery.Shop.Repo.Releases, "promotions.jsonl"), TestContext.Current.CancellationToken)).Length);
        Assert.Equal($"{_delivery.Live} {_delivery.Live}", await _delivery.Shop.Production("/version"));
        Assert.Equal(0, await _delivery.Bench.Runner.Recover());
    }

    private async Task<ThreadLog> Drive(ThreadId id)
    {
        var root = await _delivery.Bench.SettleTree(id);
        while (root.Thread.Status == ThreadStatus.Pending)
        {
            var asked = _delivery.Asking(root).Thread.OpenRequests.Single().Asked;
            var response = asked.Kind == RequestKind.InDoubt ? JsonText.Parse(WhatBecameOf(asked.Action!)) : (JsonText?)null;
            await _delivery.Bench.Host.Answer(id, AgentBench.Me, null, response is null ? true : null, response, null);
            root = await _delivery.Bench.SettleTree(id);
        }

        return root;
    }

    private string WhatBecameOf(BoundAction action)
    {
        var arguments = action.Arguments.Element();
        var (happened, result) = action.Tool switch
        {
            "tag_push_prod" => (Tags().Contains(_sha), $$"""{"sha":"{{_sha}}","tag":"seen"}"""),
            "deploy_previous_tag" => (Tags().Count(sha => sha == _delivery.Live) == 2, $$"""{"sha":"{{_delivery.Live}}","tag":"seen"}"""),
            _ => (_delivery.Shop.Link("current") == arguments.GetProperty("deployment_id").GetString(), $$"""{"deployment_id":"{{arguments.GetProperty("deployment_id").GetString()}}"}"""),
        };
        return happened ? $$"""{"outcome":"done","result":{{result}}}""" : """{"outcome":"run_again"}""";
    }

    private string[] Tags() => [.. _delivery.Shop.Repo.RemoteRefs.Split('\n').Where(line => line.Contains("/prod-", StringComparison.Ordinal)).Select(line => line.Split(' ')[1])];
}
