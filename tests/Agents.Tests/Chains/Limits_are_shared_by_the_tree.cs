using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Chains;

public sealed class Limits_are_shared_by_the_tree
{
    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task Steps_of_a_child_count_in_its_caller_while_it_runs_and_after()
    {
        var agents = Crew.BossAndWorker(_outside.Look);
        await using var bench = new AgentBench([agents[0] with { Limits = new(Steps: 4) }, agents[1]], Crew.Plays(
            ("boss", [Crew.CallWorker, TestAgents.Done]),
            ("worker", [TestAgents.Step("look", "a"), TestAgents.Step("look", "b"), TestAgents.Step("look", "c"), TestAgents.Step("look", "d"), TestAgents.Done])));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        Assert.Equal(
            """
            budget: The run that worker is part of has taken 4 steps and is not done. May worker take 4 more?
            Its last steps:
            - look {"item":"a"}: {"did":"look a"}
            - look {"item":"b"}: {"did":"look b"}
            - look {"item":"c"}: {"did":"look c"}
            """.ReplaceLineEndings("\n"), Told.Asked(bench.ChildOf(root)));

        await bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, approved: true, null, null);
        root = await bench.SettleTree(root.Thread.Id);

        // Two steps of the boss and five of the worker, less the four that leave was given for: it was not asked for a second time.
        Assert.Equal((ThreadStatus.Completed, 3), (root.Thread.Status, root.Thread.Steps));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task What_a_child_was_refused_its_caller_does_not_get()
    {
        var agents = Crew.BossAndWorker(_outside.Look);
        await using var bench = new AgentBench([agents[0] with { Limits = new(Steps: 2) }, agents[1]], Crew.Plays(
            ("boss", [Crew.CallWorker, TestAgents.Step("look", "b"), TestAgents.Done]), ("worker", [TestAgents.Step("look", "a"), TestAgents.Done])));
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        await bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, approved: false, null, null);
        root = await bench.SettleTree(root.Thread.Id);

        Assert.StartsWith("budget: boss has taken 2 steps and is not done. May it take 2 more?\nIts last steps:\n- worker {\"message\":\"dig\"}: Stopped at a limit", Told.Asked(root), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task A_child_that_is_called_with_the_last_step_asks_before_its_first()
    {
        var agents = Crew.BossAndWorker(_outside.Look);
        await using var bench = new AgentBench([agents[0] with { Limits = new(Steps: 1) }, agents[1]], Crew.Plays(("boss", [Crew.CallWorker]), ("worker", [])));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Assert.Equal("budget: The run that worker is part of has taken 1 steps and is not done. May worker take 1 more?", Told.Asked(bench.ChildOf(root)));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task Tokens_of_the_whole_tree_count_towards_the_limit_of_the_root()
    {
        var agents = Crew.Three(_outside.Look);
        await using var bench = new AgentBench([agents[0] with { Limits = new(Tokens: 100) }, agents[1], agents[2]], Crew.Costing(30,
            ("chief", [Crew.Call("boss"), TestAgents.Done]),
            ("boss", [Crew.CallWorker, TestAgents.Done]),
            ("worker", [TestAgents.Step("look", "a"), TestAgents.Step("look", "b"), TestAgents.Done])));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        var worker = bench.Host.Chain(root.Thread.Id, "mia")[^1];
        Assert.Equal("The run that worker is part of has used 120 tokens and is not done. May worker use 100 more?", worker.Thread.OpenRequests[0].Asked.Question);

        await bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, approved: true, null, null);
        root = await bench.SettleTree(root.Thread.Id);

        // Seven steps in all, and leave was given for 100 more.
        Assert.Equal((ThreadStatus.Completed, 110), (root.Thread.Status, root.Thread.Accounts.Own.Tokens));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task A_child_with_a_smaller_limit_keeps_to_its_own()
    {
        var agents = Crew.BossAndWorker(_outside.Look);
        await using var bench = new AgentBench([agents[0], agents[1] with { Limits = new(Steps: 1) }], Crew.Plays(("boss", [Crew.CallWorker]), ("worker", [TestAgents.Step("look", "a")])));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Assert.StartsWith("budget: worker has taken 1 steps and is not done. May it take 1 more?", Told.Asked(bench.ChildOf(root)), StringComparison.Ordinal);
    }
}
