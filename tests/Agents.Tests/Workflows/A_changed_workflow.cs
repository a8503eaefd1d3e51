using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>Threads that were under way when the code of their workflow was changed.</summary>
public sealed class A_changed_workflow
{
    private readonly Shop _shop = new();

    private Microagent First => Shop.Flow(async (run, _) =>
    {
        await _shop.Step(run, "build");
        await _shop.Step(run, "e2e");
        return await run.Ask("Ship it?") + await _shop.Step(run, "ship");
    });

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_changed_order_is_named_and_nothing_is_done_until_the_code_fits_again()
    {
        var smoke = Shop.Flow(async (run, _) =>
        {
            await _shop.Step(run, "build");
            await _shop.Step(run, "smoke");
            return await run.Ask("Ship it?") + await _shop.Step(run, "ship");
        });
        var before = new AgentBench(First, Shop.Plays);
        var log = await before.Start("x");
        var changed = await before.Restart(agent: smoke);
        log = await changed.Answer(log, response: "yes");

        Assert.Equal(ThreadStatus.Pending, log.Thread.Status);
        Assert.Equal(["build call_2", "e2e call_5"], _shop.Done);
        Assert.Equal(
            "question: The workflow cannot go on: step 2 was 'e2e' when this thread ran and is 'smoke' now. Put the code right, restart, and answer try_again; or cancel the thread.\n"
                + "Nothing was lost: what is done stays done, and the thread goes on from there once its code fits its log.", Told.Asked(log));
        // Trying again while it does not fit asks again.
        log = await changed.Answer(log, response: "try_again");
        Assert.Equal(ThreadStatus.Pending, log.Thread.Status);

        await using var mended = await changed.Restart(agent: First);
        log = await mended.Answer(log, response: "try_again");
        Told.Ends(log, "answered: \"try_again\"", "chosen: ship {}", "tool started: call_18, attempt 1", "tool returned: call_18 \"ship done\"", "completed: \"yesship done\"");
        Assert.Equal(["build call_2", "e2e call_5", "ship call_18"], _shop.Done);
    }

    [Theory]
    [InlineData("step 3, 'ask', was given {\"question\":\"Ship it?\"} when this thread ran and is given {\"question\":\"Really?\"} now", 0)]
    [InlineData("step 3 was 'ask' when this thread ran, and the workflow now ends before it", 1)]
    [InlineData("step 3 was 'ask' when this thread ran and is 'ship' now", 2)]
    public async Task What_differs_is_said(string what, int change)
    {
        var flow = Shop.Flow(async (run, _) =>
        {
            await _shop.Step(run, "build");
            await _shop.Step(run, "e2e");
            return change switch
            {
                0 => await run.Ask("Really?"),
                1 => "shipped",
                _ => await _shop.Step(run, "ship"),
            };
        });
        var before = new AgentBench(First, Shop.Plays);
        var log = await before.Start("x");
        await using var changed = await before.Restart(agent: flow);
        log = await changed.Answer(log, response: "yes");

        Assert.StartsWith($"question: The workflow cannot go on: {what}.", Told.Asked(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thread_keeps_the_version_it_began_with_while_it_is_registered()
    {
        var second = Shop.Flow(async (run, _) => await run.Ask("Ship version 2?"), version: "2");
        var both = second with { Flow = second.Flow! with { Earlier = [First.Flow!] } };
        var before = new AgentBench(First, Shop.Plays);
        var log = await before.Start("x");

        var alone = await before.Restart(agent: second);
        log = await alone.Answer(log, response: "yes");
        Assert.StartsWith("question: The workflow cannot go on: it began as version 1 of flow, and this program has 2 only.", Told.Asked(log), StringComparison.Ordinal);

        await using var beside = await alone.Restart(agent: both);
        log = await beside.Answer(log, response: "try_again");
        Assert.Equal("completed: \"yesship done\"", Told.Of(log)[^1]);
        Assert.Equal("question: Ship version 2?", Told.Asked(await beside.Start("y")));
    }

    [Fact]
    public async Task A_change_in_place_is_taken_by_threads_that_had_not_come_there_and_by_no_other()
    {
        var changed = Shop.Flow(async (run, _) =>
        {
            await _shop.Step(run, "build");
            if (await run.Changed("lint-first"))
            {
                await _shop.Step(run, "lint");
            }

            await _shop.Step(run, "e2e");
            var words = await run.Ask("Ship it?");
            return words + (await run.Changed("sign") ? await _shop.Step(run, "sign") : "") + await _shop.Step(run, "ship");
        });
        var before = new AgentBench(First, Shop.Plays);
        var old = await before.Start("x");
        await using var after = await before.Restart(agent: changed);

        // It was past the first change, and not yet at the second.
        Assert.Equal("completed: \"yessign doneship done\"", Told.Of(await after.Answer(old, response: "yes"))[^1]);
        var young = await after.Answer(await after.Start("y"), response: "ok");
        Assert.Equal("completed: \"oksign doneship done\"", Told.Of(young)[^1]);
        Assert.Equal(
            ["build", "changed:lint-first", "lint", "e2e", "ask", "changed:sign", "sign", "ship"],
            young.Events.OfType<StepChosen>().Select(step => step.Intent));
    }

    [Fact]
    public async Task A_change_stays_taken_when_the_code_is_run_again()
    {
        var flow = Shop.Flow(async (run, _) => await run.Changed("new") ? await run.Ask("New?") : await run.Ask("Old?"));
        var before = new AgentBench(flow, Shop.Plays);
        var log = await before.Start("x");
        await using var after = await before.Restart();
        Assert.Equal("completed: \"yes\"", Told.Of(await after.Answer(log, response: "yes"))[^1]);
    }

    [Fact]
    public async Task A_workflow_that_is_gone_asks_for_its_code()
    {
        var before = new AgentBench(First, Shop.Plays);
        var log = await before.Start("x");
        await using var without = await before.Restart(agent: TestAgents.Clerk() with { Name = "flow" });
        log = await without.Answer(log, response: "yes");
        Assert.StartsWith("question: The workflow cannot go on: flow is no workflow of this program.", Told.Asked(log), StringComparison.Ordinal);
    }
}
