using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Chains;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Errors;

[Trait("Accepts", "F10.1")]
public sealed class Budgets_are_reserved
{
    private static readonly Usage Most = new(1000, 500, Microdollars: 30_000);
    private static readonly Usage Taken = new(1000, 100, Microdollars: 20_000);
    private readonly Outside _outside = new();

    private static ScriptedModel Looks(int count) => new([.. Enumerable.Range(1, count).Select(i => (object)TestAgents.Step("look", $"{i}")), TestAgents.Done]);

    private AgentBench Bench(ScriptedModel model, Limits limits, Usage? most = null, Usage? taken = null) =>
        new(_outside.Clerk with { Limits = limits }, new CostlyModel(model, most ?? Most, taken ?? Taken));

    [Fact]
    public async Task A_step_that_could_go_over_the_tokens_asks_before_the_model_is_called_and_leave_adds_as_many()
    {
        var model = Looks(4);
        await using var bench = Bench(model, new(Tokens: 3000));

        // 1100 and 1100 are used; a third step may take 1500.
        var log = await bench.Start("x");
        Assert.Equal(2, model.Calls);
        Assert.StartsWith("budget: clerk has used 2200 of 3000 tokens, and its next step may take 1500. May it use 3000 more?\nIts last steps:\n- look", Told.Asked(log), StringComparison.Ordinal);

        // 6000 in all: a third and fourth step go, and the last.
        log = await bench.Answer(log, approved: true);
        Assert.Equal((ThreadStatus.Completed, 5, new Spent(5, 2500, 100_000)), (log.Thread.Status, model.Calls, log.Thread.Accounts.Own with { Milliseconds = 0 }));
    }

    [Fact]
    public async Task Money_is_reserved_the_same_way()
    {
        var model = Looks(3);
        await using var bench = Bench(model, new(Cost: 0.05m));

        var log = await bench.Start("x");
        Assert.Equal(2, model.Calls);
        Assert.StartsWith("budget: clerk has cost $0.04 of $0.05, and its next step may take $0.03. May it cost $0.05 more?", Told.Asked(log), StringComparison.Ordinal);

        log = await bench.Answer(log, approved: true);
        Assert.Equal((ThreadStatus.Completed, 80_000L), (log.Thread.Status, log.Thread.Usage.Microdollars));
    }

    [Fact]
    public async Task A_limit_smaller_than_one_step_asks_for_what_the_step_may_take_and_not_again_for_the_same_step()
    {
        var model = Looks(0);
        await using var bench = Bench(model, new(Tokens: 100));

        var log = await bench.Start("x");
        Assert.Equal((0, "budget: clerk has used 0 of 100 tokens, and its next step may take 1500. May it use 1400 more?"), (model.Calls, Told.Asked(log)));

        log = await bench.Answer(log, approved: true);
        Assert.Equal((1, ThreadStatus.Completed), (model.Calls, log.Thread.Status));
    }

    [Fact]
    public async Task A_no_to_more_money_ends_it()
    {
        await using var bench = Bench(Looks(3), new(Cost: 0.05m));

        var log = await bench.Answer(await bench.Start("x"), approved: false);

        Told.Ends(log, "answered: no",
            "failed: Stopped at a limit: clerk has cost $0.04 of $0.05, and its next step may take $0.03. May it cost $0.05 more? mia declined to extend it.");
    }

    [Fact]
    public async Task A_model_without_a_price_asks_whether_its_cost_may_go_uncounted_and_asks_once()
    {
        var model = Looks(3);
        await using var bench = Bench(model, new(Cost: 0.05m), new(1000, 500), new(1000, 100));

        var log = await bench.Start("x");
        Assert.Equal((0, "budget: clerk may cost $0.05 at most, but what costly costs is not known. May it go on without its cost being counted?"), (model.Calls, Told.Asked(log)));

        log = await bench.Answer(log, approved: true);
        Assert.Equal((ThreadStatus.Completed, 4, null), (log.Thread.Status, log.Thread.UnpricedSteps, log.Thread.Usage.Microdollars));
    }

    [Fact]
    public async Task Running_time_counts_and_the_time_until_a_person_answers_does_not()
    {
        AgentBench? bench = null;
        var slow = new LogModel(log =>
        {
            bench!.Clock.Advance(TimeSpan.FromMinutes(4));
            return log.Events.Count(e => e is StepChosen) < 4 ? TestAgents.Step("look", "a") : TestAgents.Done;
        });
        await using (bench = new AgentBench(_outside.Clerk with { Limits = new(Time: TimeSpan.FromMinutes(10)) }, slow))
        {
            var log = await bench.Start("x");
            Assert.Equal(3, slow.Calls);
            Assert.StartsWith("budget: clerk has run for 12m and is not done. May it run for 10m more?", Told.Asked(log), StringComparison.Ordinal);

            bench.Clock.Advance(TimeSpan.FromDays(2));
            log = await bench.Answer(log, approved: true);

            Assert.Equal((ThreadStatus.Completed, 5, 20 * 60_000L), (log.Thread.Status, slow.Calls, log.Thread.Accounts.Used.Milliseconds));
        }
    }

    [Fact]
    public async Task Only_the_limit_that_was_reached_is_extended()
    {
        var model = Looks(9);
        await using var bench = Bench(model, new(Steps: 3, Tokens: 5000));

        var log = await bench.Answer(await bench.Start("x"), approved: true);

        Assert.Equal(4, model.Calls);
        Assert.StartsWith("budget: clerk has used 4400 of 5000 tokens, and its next step may take 1500. May it use 5000 more?", Told.Asked(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_money_of_the_whole_tree_is_one_purse()
    {
        var agents = Crew.BossAndWorker(_outside.Look);
        var plays = Crew.Plays(("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("look", "a"), TestAgents.Step("look", "b"), TestAgents.Done]));
        await using var bench = new AgentBench([agents[0] with { Limits = new(Cost: 0.08m) }, agents[1]], new CostlyModel(plays, Most, Taken));

        // The boss took 20 of its 80, the worker 40: another step may take 30.
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        Assert.StartsWith("budget: The run that worker is part of has cost $0.06 of $0.08, and its next step may take $0.03. May worker cost $0.08 more?",
            Told.Asked(bench.ChildOf(root)), StringComparison.Ordinal);

        await bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, approved: true, null, null);
        root = await bench.SettleTree(root.Thread.Id);

        // 160 in all were allowed and 100 taken: 20 of 80 are counted towards the boss's limit.
        Assert.Equal((ThreadStatus.Completed, 20_000L), (root.Thread.Status, root.Thread.Accounts.Own.Microdollars));
    }

    [Fact]
    public async Task Trouble_with_a_provider_asks_to_try_again_and_extends_no_limit()
    {
        var model = new ScriptedModel(TestAgents.Step("look", "a"), new ModelException("The provider is down.", mayPass: true), TestAgents.Step("look", "b"), TestAgents.Step("look", "c"));
        await using var bench = new AgentBench(_outside.Clerk with { Limits = new(Steps: 3) }, model);

        var log = await bench.Answer(await bench.Start("x"), approved: true);

        Assert.StartsWith("budget: clerk has taken 3 steps and is not done.", Told.Asked(log), StringComparison.Ordinal);
    }
}
