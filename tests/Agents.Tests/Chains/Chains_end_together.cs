using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Agents.Tests.Chains;

public sealed class Chains_end_together
{
    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Cancelling_the_root_cancels_the_tree()
    {
        await using var bench = new AgentBench(Crew.Three(_outside.Deploy), Waiting);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        var chain = bench.Host.Chain(root.Thread.Id, "mia");

        await bench.Host.Cancel(root.Thread.Id, AgentBench.Me, "enough");

        Assert.Equal(
            ["cancelled: enough", "cancelled: chief, which called this, was cancelled: enough", "cancelled: boss, which called this, was cancelled: chief, which called this, was cancelled: enough"],
            chain.Select(log => Told.Of(bench.Store.Read(log.Thread.Id))[^1]));
        Assert.Equal(RefusalCode.ThreadEnded, (await Assert.ThrowsAsync<RefusedException>(() => bench.Answer(chain[2], approved: true))).Code);
        Assert.Equal(0, await bench.Runner.Recover());
        Assert.Empty(_outside.Done);
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    [Trait("Accepts", "R.11")]
    public async Task A_crash_between_the_cancelled_root_and_its_tree_leaves_nothing_behind()
    {
        await using var first = new AgentBench(Crew.Three(_outside.Deploy), Waiting);
        var root = await first.SettleTree((await first.Start("x")).Thread.Id);
        var chain = first.Host.Chain(root.Thread.Id, "mia");
        using (var disk = first.Database.Connect())
        {
            disk.Execute($"CREATE TRIGGER cut BEFORE INSERT ON events WHEN NEW.thread_id <> '{root.Thread.Id}' BEGIN SELECT RAISE(ABORT, 'cut'); END");
            await first.Host.Cancel(root.Thread.Id, AgentBench.Me, "enough");
            disk.Execute("DROP TRIGGER cut");
        }

        Assert.Equal([ThreadStatus.Cancelled, ThreadStatus.Pending, ThreadStatus.Pending], chain.Select(log => first.Store.Read(log.Thread.Id).Thread.Status));

        await using var second = first.Crash();
        Assert.Equal(1, await second.Runner.Recover());

        Assert.All(chain, log => Assert.Equal(ThreadStatus.Cancelled, second.Store.Read(log.Thread.Id).Thread.Status));
        Assert.Equal(0, await second.Runner.Recover());
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    [Trait("Accepts", "D.5")]
    public async Task Cancelling_a_child_fails_the_call_and_not_the_caller()
    {
        await using var bench = new AgentBench(Crew.Three(_outside.Deploy), Waiting);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        var worker = bench.Host.Chain(root.Thread.Id, "mia")[2];

        await bench.Host.Cancel(worker.Thread.Id, AgentBench.Me, "not this");

        root = await bench.SettleTree(root.Thread.Id);
        Assert.Equal(ThreadStatus.Completed, root.Thread.Status);
        Told.Ends(bench.Store.Read(worker.Thread.Path[1]), "child: Waits for worker.", "answered:", "tool failed: call_2 it was cancelled: not this",
            """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task A_child_that_runs_is_cut_off_with_its_root()
    {
        var held = new HeldModel(TestAgents.Done);
        var chosen = Crew.Plays(("boss", [Crew.CallWorker]));
        await using var bench = new AgentBench(Crew.BossAndWorker(), new ByAgent("boss", chosen, held));
        var id = await bench.Host.Start("boss", AgentBench.Message("x"), AgentBench.Me);
        await held.Asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        while (bench.Runner.Find(id) is { } run)
        {
            await run;
        }

        var child = bench.ChildOf(bench.Store.Read(id)).Thread.Id;

        await bench.Host.Cancel(id, AgentBench.Me, null);

        Told.Is(bench.Store.Read(child), """started: {"message":"dig"}""", "cancelled: boss, which called this, was cancelled");
        Assert.Equal(0, bench.Runner.Count);
    }

    [Fact]
    [Trait("Accepts", "F5.3")]
    public async Task A_copy_of_the_root_is_taken_before_the_call_and_calls_for_itself()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(_outside.Deploy), Waiting);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        var child = root.Thread.Children[0];
        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Fork(root.Thread.Id, 4, AgentBench.Me));
        Assert.Equal($"Version 4 lies in the middle of call_2 (worker), which waits for {child}; a copy cannot share it. Fork at version 1, before it was chosen, or fork {child}.", refused.Message);

        var copy = await bench.SettleTree(await bench.Host.Fork(root.Thread.Id, 1, AgentBench.Me));

        Assert.NotEqual(child, copy.Thread.Children[0]);
        await bench.Host.Cancel(root.Thread.Id, AgentBench.Me, null);
        Assert.Equal((ThreadStatus.Cancelled, ThreadStatus.Pending), (bench.Store.Read(child).Thread.Status, bench.ChildOf(copy).Thread.Status));
    }

    [Fact]
    [Trait("Accepts", "F5.3")]
    public async Task A_copy_of_a_child_lives_on_when_the_root_is_cancelled_and_tells_nobody()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(_outside.Deploy), Waiting);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        var copy = await bench.Host.Fork(root.Thread.Children[0], 3, AgentBench.Me);

        await bench.Host.Answer(copy, AgentBench.Me, null, true, null, null);
        Assert.Equal(ThreadStatus.Completed, (await bench.Settle(copy)).Thread.Status);
        Assert.Equal((4, ThreadStatus.Pending), (bench.Store.Read(root.Thread.Id).Thread.Version, bench.Store.Read(root.Thread.Id).Thread.Status));
    }

    private static LogModel Waiting => Crew.Plays(
        ("chief", [Crew.Call("boss"), TestAgents.Done]), ("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("deploy", "site"), TestAgents.Done]));
}
