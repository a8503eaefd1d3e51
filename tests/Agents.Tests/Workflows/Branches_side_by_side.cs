using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Workflows;

public sealed class Branches_side_by_side
{
    private readonly Shop _shop = new();

    private Microagent Both => Shop.Flow(async (run, _) =>
    {
        var done = await run.All(
            async () => (await run.Agent("frontend", new { message = "ship" })).Text + await _shop.Step(run, "after-frontend"),
            async () => (await run.Agent("backend", new { message = "ship" })).Text + await _shop.Step(run, "after-backend"));
        return string.Join(" | ", done);
    });

    [Theory]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "W.5")]
    [InlineData("pages", "tables")]
    [InlineData("tables", "pages")]
    public async Task Requests_of_two_children_are_open_at_once_and_answered_in_any_order(string first, string second)
    {
        await using var bench = new AgentBench(_shop.With(Both), Shop.Plays);
        var id = (await bench.Start("x")).Thread.Id;
        var root = await bench.SettleTree(id);

        Assert.Equal(ThreadStatus.Pending, root.Thread.Status);
        Assert.Equal(
            ["Run store with item pages?", "Run store with item tables?", "Waits for backend.", "Waits for frontend."],
            bench.Host.Chain(id, AgentBench.Me.By).SelectMany(log => log.Thread.OpenRequests).Select(open => open.Asked.Question).Order(StringComparer.Ordinal));
        var unnamed = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Answer(id, AgentBench.Me, null, true, null, null));
        Assert.Equal(RefusalCode.RequestAmbiguous, unnamed.Code);
        Assert.Contains("Run store with item pages?", unnamed.Message, StringComparison.Ordinal);
        Assert.Contains("Run store with item tables?", unnamed.Message, StringComparison.Ordinal);
        Assert.Empty(_shop.Outside.Done);

        await Shop.Answer(bench, id, first, approved: true);
        Assert.Equal([$"store {first} call_2"], _shop.Outside.Done);
        // One is left, so it need not be named any more.
        await bench.Host.Answer(id, AgentBench.Me, null, true, null, null);
        root = await bench.SettleTree(id);

        Assert.Equal("completed: \"{\\\"message\\\":\\\"done\\\"}after-frontend done | {\\\"message\\\":\\\"done\\\"}after-backend done\"", Told.Of(root)[^1]);
        Assert.Equal([$"store {first} call_2", $"store {second} call_2"], _shop.Outside.Done);
        Assert.Equal(2, _shop.Done.Count);
        Assert.Equal(3, new ThreadSearch(bench.Database).Family(id, 10).Count);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.3")]
    public async Task Another_process_answers_one_and_the_process_that_asked_is_gone()
    {
        var first = new AgentBench(_shop.With(Both), Shop.Plays);
        var id = (await first.Start("x")).Thread.Id;
        await first.SettleTree(id);
        await using var second = first.Crash();

        await Shop.Answer(second, id, "tables", approved: true);
        await using var third = second.Crash();
        await Shop.Answer(third, id, "pages", approved: true);

        Assert.Equal(ThreadStatus.Completed, (await third.SettleTree(id)).Thread.Status);
        Assert.Equal(["store tables call_2", "store pages call_2"], _shop.Outside.Done);
    }

    [Fact]
    [Trait("Accepts", "R.8")]
    public async Task A_child_that_fails_is_named_and_the_other_goes_on()
    {
        var flow = Shop.Flow(async (run, _) =>
        {
            var lines = await run.All(new[] { "nobody", "frontend" }.Select<string, Func<Task<string>>>(agent => async () =>
            {
                try
                {
                    return (await run.Agent(agent, new { message = "ship" })).Text;
                }
                catch (StepFailedException e)
                {
                    return e.Message;
                }
            }));
            return string.Join("\n", lines);
        });
        await using var bench = new AgentBench(_shop.With(flow), Shop.Plays);
        var id = (await bench.Start("x")).Thread.Id;
        await bench.SettleTree(id);
        await Shop.Answer(bench, id, "pages", approved: true);

        Told.Ends(await bench.SettleTree(id),
            "completed: \"nobody failed: There is no agent 'nobody'.\\n{\\\"message\\\":\\\"done\\\"}\"");
    }

    [Fact]
    [Trait("Accepts", "W.2")]
    [Trait("Accepts", "F6.7")]
    public async Task What_one_branch_asks_can_be_answered_while_another_works()
    {
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var flow = Shop.Flow(async (run, _) =>
        {
            var both = await run.All(
                () => run.Step("build", Effect.Effectful, async (_, _) =>
                {
                    await working.Task;
                    return "built";
                }),
                async () => await run.Ask("Which name?") + await _shop.Step(run, "print"));
            return string.Join(", ", both);
        });
        await using var bench = new AgentBench([flow], Shop.Plays);
        var id = await bench.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        var asking = await bench.Until(id, log => log.Thread.OpenRequests.Count > 0);

        Assert.Equal(ThreadStatus.Running, asking.Thread.Status);
        await bench.Host.Answer(id, AgentBench.Me, null, null, State.Json.JsonText.Of("tea"), null);
        await bench.Until(id, log => log.Events.OfType<ToolReturned>().Any());
        working.SetResult();
        Told.Ends(await bench.Settle(id), "completed: \"built, teaprint done\"");
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Cancelling_cancels_every_branch()
    {
        await using var bench = new AgentBench(_shop.With(Both), Shop.Plays);
        var id = (await bench.Start("x")).Thread.Id;
        await bench.SettleTree(id);

        await bench.Host.Cancel(id, AgentBench.Me, "enough");

        Assert.All(new ThreadSearch(bench.Database).Family(id, 10), row => Assert.Equal("cancelled", row.Status));
        Assert.Equal(0, await bench.Runner.Recover());
        Assert.Empty(_shop.Outside.Done);
    }
}
