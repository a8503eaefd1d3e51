using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>Doubt, cancelling, copying, expiry and limits are those of every thread.</summary>
public sealed class A_workflow_is_a_thread
{
    private readonly Shop _shop = new();

    [Theory]
    [Trait("Accepts", "F8.7")]
    [InlineData("""{"outcome":"done","result":"paid by hand"}""", "completed: \"paid by hand\"", 0)]
    [InlineData("""{"outcome":"run_again"}""", "completed: \"pay done\"", 1)]
    [InlineData("""{"outcome":"skip"}""", "failed: pay failed: it was cut off, and mia left it so", 0)]
    public async Task A_step_that_was_cut_off_is_in_doubt(string answer, string end, int runs)
    {
        await using var bench = new AgentBench(Shop.Flow((run, _) => _shop.Step(run, "pay", Effect.Effectful)), Shop.Plays);
        var id = await bench.Found(
        [
            new ThreadStarted(Logs.At, "flow", Definition.Of(bench.Agents[0]).Hash, AgentBench.Message("x"), "mia", "stdio", "message_received", Workflow: "1"),
            new StepChosen(Logs.At, "pay", JsonText.Parse("{}"), "workflow"), Logs.Began(2),
        ]);

        var log = await bench.Recover(id);
        Assert.StartsWith("in_doubt: pay was cut off and nobody knows whether it happened.", Told.Asked(log), StringComparison.Ordinal);
        Assert.Empty(_shop.Done);

        log = await bench.AnswerJson(log, null, JsonText.Parse(answer));
        Assert.Equal((end, runs), (Told.Of(log)[^1], _shop.Done.Count));
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_doubt_that_expired_in_an_older_log_says_that_the_step_may_have_happened()
    {
        await using var bench = new AgentBench(Shop.Flow((run, _) => _shop.Step(run, "pay", Effect.Effectful)), Shop.Plays);
        var id = await bench.Found(
        [
            new ThreadStarted(Logs.At, "flow", Definition.Of(bench.Agents[0]).Hash, AgentBench.Message("x"), "mia", "stdio", "message_received", Workflow: "1"),
            new StepChosen(Logs.At, "pay", JsonText.Parse("{}"), "workflow"), Logs.Began(2), Logs.Asked(RequestKind.InDoubt) with { Call = new(2) }, new RequestExpired(Logs.At, new(4)),
        ]);

        Told.Ends(await bench.Recover(id), "expired", "failed: pay failed: it was cut off and may have happened; nobody said whether it did before the request expired");
        Assert.Empty(_shop.Done);
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Cancelling_cuts_the_step_that_runs_and_nothing_follows()
    {
        var flow = Shop.Flow(async (run, _) =>
        {
            await run.Step("long", Effect.Effectful, (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
            return await _shop.Step(run, "after");
        });
        await using var bench = new AgentBench(flow, Shop.Plays);
        var id = await bench.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        await bench.Until(id, log => log.Events.OfType<ToolStarted>().Any());

        await bench.Host.Cancel(id, AgentBench.Me, "enough");

        Told.Ends(await bench.Settle(id), "tool started: call_2, attempt 1", "cancelled: enough - long was running; whether it took effect is not known");
        Assert.Empty(_shop.Done);
    }

    [Fact]
    [Trait("Accepts", "F5.3")]
    public async Task A_copy_goes_on_by_itself_with_what_was_done_and_ids_of_its_own_from_there()
    {
        var flow = Shop.Flow(async (run, _) =>
        {
            var before = run.NewId();
            await _shop.Step(run, "build");
            return $"{before} {await run.Ask("Which?")} {run.NewId()}";
        });
        await using var bench = new AgentBench(flow, Shop.Plays);
        var original = await bench.Start("x");
        var copy = await bench.Settle(await bench.Host.Fork(original.Thread.Id, original.Thread.Version, AgentBench.Me));

        Assert.Equal(ThreadStatus.Pending, copy.Thread.Status);
        var ends = new[] { await bench.Answer(copy, response: "this"), await bench.Answer(original, response: "that") }
            .Select(log => ((ThreadCompleted)log.Events[^1]).Output.AsString()!.Split(' ')).ToList();

        Assert.Equal((ends[0][0], "this", "that"), (ends[1][0], ends[0][1], ends[1][1]));
        Assert.NotEqual(ends[0][2], ends[1][2]);
        Assert.Single(_shop.Done);
    }

    [Fact]
    public async Task A_question_that_nobody_answers_in_time_throws_and_an_approval_is_a_no()
    {
        var soon = new PeoplePolicy(ExpiresAfter: TimeSpan.FromMinutes(1));
        var flow = Shop.Flow(async (run, _) =>
        {
            var leave = await run.Approve("ship", new { }, "Ship?", people: soon);
            try
            {
                return await run.Ask("Which?", people: soon);
            }
            catch (StepFailedException e)
            {
                return $"{leave.Approved}, {leave.By is null}; {e.Message}";
            }
        });
        await using var bench = new AgentBench(flow, Shop.Plays);
        var log = await bench.Start("x");
        for (var i = 0; i < 2; i++)
        {
            bench.Clock.Advance(TimeSpan.FromMinutes(1));
            log = await bench.Recover(log.Thread.Id);
        }

        Assert.Equal("completed: \"False, True; ask failed: nobody answered before the request expired\"", Told.Of(log)[^1]);
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    [Trait("Accepts", "R.5")]
    public async Task A_loop_without_end_asks_for_leave_at_the_limit_and_goes_on_with_it()
    {
        var flow = Shop.Flow(async (run, _) =>
        {
            for (var i = 0; i < 5; i++)
            {
                await _shop.Step(run, "again");
            }

            return "done";
        }) with
        { Limits = Workflow.DefaultLimits with { Steps = 3 } };
        await using var bench = new AgentBench(flow, Shop.Plays);
        var log = await bench.Start("x");

        Assert.Equal(3, _shop.Done.Count);
        Assert.StartsWith("budget: flow has taken 3 steps and is not done. May it take 3 more?", Told.Asked(log), StringComparison.Ordinal);
        Assert.Equal("completed: \"done\"", Told.Of(await bench.Answer(log, approved: true))[^1]);
    }

    [Fact]
    public async Task What_is_left_of_the_limits_is_divided_among_those_called_side_by_side()
    {
        var flow = Shop.Flow(async (run, what) =>
        {
            await run.All(() => run.Agent("frontend", new { message = what }), () => run.Agent("backend", new { message = what }));
            return "done";
        }) with
        { Limits = Workflow.DefaultLimits with { Steps = 10 } };
        await using var bench = new AgentBench(_shop.With(flow), Shop.Plays);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Assert.All(root.Thread.Children, child => Assert.Equal(new Share(2, 6), bench.Store.Read(child).Thread.Start.Inherited!.Steps));
    }

    [Fact]
    public async Task What_those_that_are_open_may_use_is_not_there_for_what_is_called_later()
    {
        var flow = Shop.Flow(async (run, what) =>
        {
            await run.All(
                () => run.Agent("frontend", new { message = what }),
                async () =>
                {
                    await run.Ask("Now?");
                    await run.Agent("backend", new { message = what });
                });
            return "done";
        }) with
        { Limits = Workflow.DefaultLimits with { Steps = 50, Tokens = 1000 } };
        await using var bench = new AgentBench(_shop.With(flow), Shop.Plays);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        await Shop.Answer(bench, root.Thread.Id, "Now?", response: "yes");

        // Of the steps the first may take 20, which is its own limit; of the tokens all.
        var children = bench.Store.Read(root.Thread.Id).Thread.Children.Select(child => bench.Store.Read(child)).ToList();
        Assert.Equal([(new Share(2, 50), new Share(0, 1000)), (new Share(23, 50), new Share(1000, 1000))],
            children.Select(child => (child.Thread.Start.Inherited!.Steps, child.Thread.Start.Inherited.Tokens!)));
        Assert.Equal("budget: The run that backend is part of has used 1000 tokens and is not done. May backend use 1000 more?", Told.Asked(children[1]));
    }

    [Fact]
    public async Task A_step_that_fails_can_be_tried_again_in_a_loop()
    {
        var tries = 0;
        var flow = Shop.Flow(async (run, _) =>
        {
            while (true)
            {
                try
                {
                    return await run.Step("flaky", Effect.Idempotent, (_, _) => ++tries < 3 ? throw new ToolException("not yet") : Task.FromResult("at last"));
                }
                catch (StepFailedException e) when (e.Reason == "not yet")
                {
                    await run.Sleep(TimeSpan.FromSeconds(1));
                }
            }
        });
        await using var bench = new AgentBench(flow, Shop.Plays);
        var log = await bench.Start("x");
        while (!log.Thread.IsFinal)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(1));
            log = await bench.Recover(log.Thread.Id);
        }

        Assert.Equal(("completed: \"at last\"", 3), (Told.Of(log)[^1], tries));
    }
}
