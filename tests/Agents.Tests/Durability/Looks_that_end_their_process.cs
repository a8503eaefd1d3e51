using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Workflows;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Dapper;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>No event says that a fact is being fetched, a preview made, a step judged or a workflow's code run. One that is the end of its process ends a few of them, and then is done without.</summary>
public sealed class Looks_that_end_their_process : IDisposable
{
    private const string GivenUp = "its process ended 20 times while it was under way, so it is not tried again";
    private readonly ManualResetEventSlim _letGo = new();
    private readonly SemaphoreSlim _entered = new(0);
    private int _ran;

    private Tool Look => TestAgents.Tool("look", Effect.ReadOnly, _ => Deadly("1"));

    private static Tool Glance => TestAgents.Tool("glance", Effect.ReadOnly, _ => "2");

    private static Tool Pay => TestAgents.Tool("pay", Effect.Effectful, _ => "\"paid\"");

    private Tool Previewed => Pay.Gated() with { Preview = (call, _) => Task.FromResult(Deadly(new Preview(call.Arguments, "Pay?"))) };

    public void Dispose()
    {
        _letGo.Set();
        _letGo.Dispose();
        _entered.Dispose();
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Are_facts_that_are_then_missing_in_this_thread_while_all_others_are_fetched()
    {
        var agent = TestAgents.Clerk(Look, Glance, Pay) with { Context = new() { Prefetch = [Of("look"), Of("glance")] } };

        Told.Is(await Ended(agent, LogModel.Of(TestAgents.Step("pay", "bill"), TestAgents.Done)),
            """started: {"message":"x"}""",
            $$"""fetched: look {"item":"shelf"} failed: {{GivenUp}}""", """fetched: glance {"item":"shelf"} 2""",
            """chosen: pay {"item":"bill"}""", "tool started: call_4, attempt 1", "tool returned: call_4 \"paid\"",
            $$"""fetched: look {"item":"shelf"} failed: {{GivenUp}}""", """fetched: glance {"item":"shelf"} 2""",
            """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");

        static Prefetch Of(string intent) => new(intent, JsonText.Parse("""{"item":"shelf"}"""));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Are_previews_whose_call_then_fails() => Told.Is(await Ended(TestAgents.Clerk(Previewed), LogModel.Of(TestAgents.Step("pay", "bill"), TestAgents.Done)),
        """started: {"message":"x"}""", """chosen: pay {"item":"bill"}""",
        $"tool failed: call_2 nothing was done, for it could not be found out what exactly would be: {GivenUp}",
        """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Are_previews_in_a_workflow_too()
    {
        var flow = Shop.Flow(async (run, _) => (await run.Tool("pay", new { item = "bill" })).Text);

        Told.Is(await Ended(flow with { Intents = [Previewed] }, Shop.Plays),
            """started: {"message":"x"}""", """chosen: pay {"item":"bill"}""",
            $"tool failed: call_2 nothing was done, for it could not be found out what exactly would be: {GivenUp}",
            $"failed: pay failed: nothing was done, for it could not be found out what exactly would be: {GivenUp}");
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Are_judges_in_code_without_whose_verdict_a_person_decides()
    {
        var agent = TestAgents.Clerk(Pay) with { Context = new() { Judge = Judge.InCode((_, _) => Task.FromResult(Deadly(new Judgement(Verdict.Pass, "fine")))) } };

        Told.Is(await Ended(agent, LogModel.Of(TestAgents.Step("pay", "bill"), TestAgents.Done)),
            """started: {"message":"x"}""", """chosen: pay {"item":"bill"}""", $"judged: call_2 none ({GivenUp})",
            """approval: The judge gave no verdict on this. Run pay with item bill?""");
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Are_code_of_a_workflow_which_then_waits_for_other_code()
    {
        var log = await Ended(Shop.Flow((_, _) => Task.FromResult(Deadly("done"))), Shop.Plays);

        Told.Is(log, """started: {"message":"x"}""",
            "question: The workflow cannot go on: its code has ended its process 20 times. Put the code right, restart, and answer try_again; or cancel the thread.", "parked");
    }

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Are_code_of_a_workflow_after_a_step_that_has_failed(bool isPreview)
    {
        var pay = Pay.Gated() with { Preview = (_, _) => throw new ToolException("no such bill") };
        var flow = Shop.Flow(async (run, _) =>
        {
            try
            {
                await (isPreview ? (Task)run.Tool("pay", new { item = "bill" }) : run.Step("look", Effect.ReadOnly, (_, _) => Task.FromResult(1), attempts: 1));
            }
            catch (StepFailedException)
            {
            }

            return Deadly("done");
        });
        flow = flow with { Intents = [pay] };
        var begun = Logs.Started("""{"message":"x"}""") with { Agent = "flow", Definition = Definition.Of(flow).Hash, Workflow = "1" };

        var log = await Ended(flow, Shop.Plays, isPreview ? [begun, Logs.Chose("pay", """{"item":"bill"}""")] : [begun, Logs.Chose("look", "{}"), Logs.Began(2)]);

        Told.Is(log, [.. isPreview
            ? ["""started: {"message":"x"}""", """chosen: pay {"item":"bill"}""", "tool failed: call_2 no such bill"]
            : new[] { """started: {"message":"x"}""", "chosen: look {}", "tool started: call_2, attempt 1", "tool failed: call_2 look was cut off 1 times and is not tried again." },
            "question: The workflow cannot go on: its code has ended its process 20 times. Put the code right, restart, and answer try_again; or cancel the thread.", "parked"]);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Are_not_code_of_a_workflow_that_comes_further_each_time()
    {
        var reached = 0;
        var bench = new AgentBench(Shop.Flow(async (run, _) =>
        {
            for (var step = 1; step <= 23; step++)
            {
                await run.Step("look", Effect.ReadOnly, (_, _) => Task.FromResult(step));
                reached = step > reached ? Deadly(step) : reached;
            }

            return "done";
        }), Shop.Plays);
        var id = await Entered(bench);
        while (reached < 22)
        {
            reached = _ran;
            bench = bench.Crash();
            await bench.Runner.Recover();
            await _entered.WaitAsync(TestContext.Current.CancellationToken);
        }

        reached = _ran;
        await using var last = bench.Crash();

        Told.Ends(await last.Recover(id), "completed: \"done\"");
        Assert.Equal((23, 0), (_ran, Counted(last)));
    }

    [Fact]
    public async Task Are_not_those_whose_process_ended_in_good_order()
    {
        var mayEnd = false;
        var look = TestAgents.Tool("look", Effect.ReadOnly, async (_, cancellation) =>
        {
            _entered.Release();
            await (mayEnd ? Task.CompletedTask : Task.Delay(Timeout.Infinite, cancellation));
            return new ToolOutcome.Returned(JsonText.Parse("1"));
        });
        var bench = new AgentBench(TestAgents.Clerk(look) with { Context = new() { Prefetch = [new("look", JsonText.Parse("""{"item":"shelf"}"""))] } }, LogModel.Of(TestAgents.Done));
        var id = await Entered(bench);
        for (var start = 1; start <= 5; start++)
        {
            bench = await bench.Restart();
            await bench.Runner.Recover();
            await _entered.WaitAsync(TestContext.Current.CancellationToken);
        }

        await using var last = await bench.Restart();
        mayEnd = true;

        Told.Is(await last.Recover(id), """started: {"message":"x"}""", """fetched: look {"item":"shelf"} 1""", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
        Assert.Equal(0, Counted(last));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Are_not_those_that_were_under_way_beside_one()
    {
        var (mayEnd, came) = (new TaskCompletionSource(), new SemaphoreSlim(0));
        var glance = TestAgents.Tool("glance", Effect.ReadOnly, async (_, _) =>
        {
            came.Release();
            await mayEnd.Task;
            return new ToolOutcome.Returned(JsonText.Parse("2"));
        });
        var bench = new AgentBench([Fetching("deadly", Look), Fetching("harmless", glance)], LogModel.Of(TestAgents.Done));
        await Entered(bench);
        var harmless = await bench.Host.Start("harmless", AgentBench.Message("x"), AgentBench.Me);
        await came.WaitAsync(TestContext.Current.CancellationToken);
        var (deadly, beside) = (Task.CompletedTask, Task.CompletedTask);
        for (var start = 1; start <= 13; start++)
        {
            bench = bench.Crash();
            await bench.Runner.Recover();
            deadly = deadly.IsCompleted ? _entered.WaitAsync(TestContext.Current.CancellationToken) : deadly;
            beside = beside.IsCompleted ? came.WaitAsync(TestContext.Current.CancellationToken) : beside;

            // After three times they take turns, and only one of them is counted.
            await (start <= 3 ? Task.WhenAll(deadly, beside) : Task.WhenAny(deadly, beside));
            Assert.Equal(start <= 3 ? 2 * start : 3 + start, Begun(bench));
        }

        mayEnd.SetResult();
        _letGo.Set();
        await using var last = bench.Crash();

        Told.Is(await last.Recover(harmless), """started: {"message":"x"}""", """fetched: glance {"item":"shelf"} 2""", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");

        static long Begun(AgentBench bench)
        {
            using var connection = bench.Database.Connect();
            return connection.ExecuteScalar<long>("SELECT sum(looks) FROM relays");
        }

        static Microagent Fetching(string name, Tool tool) =>
            TestAgents.Clerk(tool) with { Name = name, Context = new() { Prefetch = [new(tool.Name, JsonText.Parse("""{"item":"shelf"}"""))] } };
    }

    // A process that is gone from one moment to the next, as often as it takes.
    private async Task<ThreadLog> Ended(Microagent agent, IModel model, params ThreadEvent[] found)
    {
        var bench = new AgentBench(agent, model);
        var id = await (found.Length > 0 ? Picked(bench, found) : Entered(bench));
        for (var start = 1; start <= 20; start++)
        {
            bench = bench.Crash();
            await bench.Runner.Recover();
            await _entered.WaitAsync(TestContext.Current.CancellationToken);
        }

        await using var last = bench.Crash();
        await last.Runner.Recover();
        await Task.WhenAny(last.Settle(id), _entered.WaitAsync(TestContext.Current.CancellationToken));
        if (_ran > 21)
        {
            // It was begun once more, and nothing else would end it.
            _letGo.Set();
        }

        Assert.Equal(21, _ran);
        var log = await last.Settle(id);
        Assert.Equal(0, Counted(last));
        return log;
    }

    private T Deadly<T>(T then)
    {
        Interlocked.Increment(ref _ran);
        _entered.Release();
        _letGo.Wait();
        return then;
    }

    private async Task<ThreadId> Entered(AgentBench bench)
    {
        var id = await bench.Host.Start(bench.Agents[0].Name, AgentBench.Message("x"), AgentBench.Me);
        await _entered.WaitAsync(TestContext.Current.CancellationToken);
        return id;
    }

    private async Task<ThreadId> Picked(AgentBench bench, ThreadEvent[] events)
    {
        var id = await bench.Found(events);
        await bench.Runner.Recover();
        await _entered.WaitAsync(TestContext.Current.CancellationToken);
        return id;
    }

    private static long Counted(AgentBench bench)
    {
        using var connection = bench.Database.Connect();
        return connection.ExecuteScalar<long>("SELECT count(*) FROM relays");
    }
}
