using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Agents.Tests.Chains;

/// <summary>
/// Three agents deep, with one approval at the bottom. The process dies at every commit there is, whichever thread of
/// the chain makes it, and another one that knows nothing but the database brings it to the same end.
/// </summary>
public sealed class Crash_anywhere_in_a_chain
{
    private const int Commits = 30;

    public static TheoryData<int> Events() => [.. Enumerable.Range(1, Commits)];

    [Theory]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "R.6")]
    [Trait("Accepts", "R.11")]
    [MemberData(nameof(Events))]
    public async Task Each_child_is_started_once_and_the_chain_comes_to_the_same_end(int stored)
    {
        var outside = new Outside();
        var store = outside.Store with { Route = Tools.Route.Approve };
        var first = new AgentBench(Crew.Three(store), Crew.Plays(
            ("chief", [Crew.Call("boss"), TestAgents.Done]), ("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("store", "gold"), TestAgents.Done])));
        using var disk = first.Database.Connect();
        // A broken disk rather than a refusal: what cannot be stored is not taken for the outcome of anything.
        disk.Execute($"CREATE TRIGGER cut BEFORE INSERT ON events WHEN (SELECT count(*) FROM events) >= {stored} BEGIN SELECT json_extract('{{', '$'); END");
        var id = await first.Host.Start("chief", AgentBench.Message("x"), AgentBench.Me);
        await Undergo(() => Drive(first, id));
        await Undergo(() => first.Runner.Stop(TimeSpan.Zero));
        disk.Execute("DROP TRIGGER cut");

        await using var second = first.Crash();
        while (await second.Runner.Recover() > 0)
        {
            await second.SettleTree(id);
        }

        await Drive(second, id);

        var family = new ThreadSearch(second.Database).Family(id, 100);
        Assert.Equal(["boss completed", "chief completed", "worker completed"], family.Select(row => $"{row.Agent} {row.Status}").Order(StringComparer.Ordinal));
        Assert.All(family, row => Assert.Equal(2, second.Store.Read(ThreadId.Parse(row.ThreadId)).Events.Count(happened => happened is StepChosen)));
        Assert.Equal(["store gold call_2"], outside.Done.Distinct());
        Assert.Equal(0, await second.Runner.Recover());
    }

    private static async Task Drive(AgentBench bench, ThreadId id)
    {
        var root = await bench.SettleTree(id);
        if (root.Thread.Status == ThreadStatus.Pending)
        {
            await bench.Host.Answer(id, AgentBench.Me, null, approved: true, null, null);
            await bench.SettleTree(id);
        }
    }

    // Whoever is cut off may notice, and then dies all the same.
    private static async Task Undergo(Func<Task> what) => await Record.ExceptionAsync(what);
}
