using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Workflows;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>What was done is known also where the log was full by then; else whoever starts anew does it again.</summary>
public sealed class Logs_that_are_full
{
    private const string Full = "failed: The thread has reached 3 events. Start a new one. (Setting max_thread_events)";
    private static readonly LogBounds Three = new(Events: 3);
    private readonly Outside _outside = new();

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(20)]
    // What is asked at a limit is stored with the result, and finds no room.
    [InlineData(1)]
    public async Task Keep_what_the_last_call_that_found_room_came_to(int steps)
    {
        await using var bench = new AgentBench(_outside.Clerk with { Limits = new(Steps: steps) },
            LogModel.Of(TestAgents.Step("pay", "book"), TestAgents.Step("pay", "lamp"), TestAgents.Done), bounds: Three);

        Told.Is(await bench.Start("x"),
            """started: {"message":"x"}""", """chosen: pay {"item":"book"}""", "tool started: call_2, attempt 1", """tool returned: call_2 {"did":"pay book"}""", Full);
        Assert.Equal(["pay book call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Keep_what_a_step_of_a_workflow_came_to()
    {
        var shop = new Shop();
        var flow = Shop.Flow(async (run, _) => await shop.Step(run, "pay", Effect.Effectful) + await shop.Step(run, "tell", Effect.Effectful));
        await using var bench = new AgentBench(flow, Shop.Plays, bounds: Three);

        Told.Is(await bench.Start("x"),
            """started: {"message":"x"}""", "chosen: pay {}", "tool started: call_2, attempt 1", "tool returned: call_2 \"pay done\"", Full);
        Assert.Equal(["pay call_2"], shop.Done);
    }

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData("done", "tool returned: call_4 null")]
    [InlineData("broken", "tool failed: call_4 broken")]
    [InlineData("unknown", "in_doubt: pay was cut off and nobody knows whether it happened. What became of it?")]
    public async Task Keep_what_steps_beside_the_one_that_filled_it_come_to(string end, string told)
    {
        var paid = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bench = new AgentBench(Beside(cancellation => paid.Task.WaitAsync(cancellation)), Shop.Plays, bounds: new(Events: 6));
        var id = await bench.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        await bench.Until(id, log => log.Events.OfType<ToolReturned>().Any());

        (end switch
        {
            "done" => (Action)paid.SetResult,
            "broken" => () => paid.SetException(new ToolException(end)),
            _ => () => paid.SetException(new OutcomeUnknownException(end)),
        })();

        Told.Is(await bench.Settle(id),
            """started: {"message":"x"}""", "chosen: look {}", "tool started: call_2, attempt 1", "chosen: pay {}", "tool started: call_4, attempt 1",
            "tool returned: call_2 \"seen\"", told,
            "failed: The thread has reached 6 events. Start a new one. (Setting max_thread_events)");
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Keep_what_a_step_comes_to_beside_a_doubt_and_a_result_that_came_at_once()
    {
        var (signed, seen, paid) = (new TaskCompletionSource(), new TaskCompletionSource<string>(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var begun = new SemaphoreSlim(0);
        var flow = Shop.Flow(async (run, _) =>
        {
            await run.All(
                () => run.Step("sign", Effect.Effectful, (_, _) => Begun(signed.Task)),
                async () =>
                {
                    await run.Step("look", Effect.ReadOnly, (_, _) => Begun(seen.Task));
                    await run.Step("tell", Effect.Effectful, (_, _) => Task.CompletedTask);
                },
                () => run.Step("pay", Effect.Effectful, (_, cancellation) => paid.Task.WaitAsync(cancellation)),
                () => run.Step("note", Effect.ReadOnly, async (_, cancellation) =>
                {
                    await begun.WaitAsync(cancellation);
                    await begun.WaitAsync(cancellation);
                }));
            return "done";
        });
        await using var bench = new AgentBench(flow, Shop.Plays, bounds: new(Events: 10));
        bench.Store.Appended += (_, version) =>
        {
            // While the run stores what was noted: when it looks again, both have ended.
            if (version == 10)
            {
                signed.TrySetException(new OutcomeUnknownException("the line went dead"));
                seen.TrySetResult("seen");
            }
        };

        var id = await bench.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        await bench.Until(id, log => log.Events.OfType<ToolReturned>().Count() == 2);
        paid.SetResult();

        Told.Ends(await bench.Settle(id),
            "tool started: call_8, attempt 1", "tool returned: call_8 null",
            "in_doubt: sign was cut off and nobody knows whether it happened. What became of it?", "tool returned: call_4 \"seen\"", "tool returned: call_6 null",
            "failed: The thread has reached 10 events. Start a new one. (Setting max_thread_events)");

        T Begun<T>(T work)
        {
            begun.Release();
            return work;
        }
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Keep_no_thread_from_being_cancelled_while_a_step_of_it_still_runs()
    {
        await using var bench = new AgentBench(Beside(cancellation => Task.Delay(Timeout.Infinite, cancellation)), Shop.Plays, bounds: new(Events: 6));
        var id = await bench.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        await bench.Until(id, log => log.Events.OfType<ToolReturned>().Any());

        await bench.Host.Cancel(id, AgentBench.Me, "no longer wanted");

        Told.Ends(await bench.Settle(id), "tool returned: call_2 \"seen\"", "cancelled: no longer wanted - pay was running; whether it took effect is not known");
        Assert.Empty(bench.Errors.Lines);
    }

    [Theory]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "R.11")]
    [InlineData(3)]
    // The bound was lowered since.
    [InlineData(2)]
    public async Task Ask_what_became_of_a_call_that_a_crash_cut_off(int events)
    {
        await using var bench = new AgentBench(_outside.Clerk, LogModel.Of(TestAgents.Step("pay", "book"), TestAgents.Done), bounds: new(events));
        var id = await Cut(bench, null, "pay", """{"item":"book"}""");

        var log = await bench.Recover(id);

        Told.Ends(log, "tool started: call_2, attempt 1", "in_doubt: pay was cut off and nobody knows whether it happened. What became of it?");
        Assert.Equal(ThreadStatus.Pending, log.Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "R.11")]
    public async Task Ask_what_became_of_a_step_of_a_workflow_that_a_crash_cut_off()
    {
        var shop = new Shop();
        await using var bench = new AgentBench(Shop.Flow((run, _) => shop.Step(run, "pay", Effect.Effectful)), Shop.Plays, bounds: Three);

        var log = await bench.Recover(await Cut(bench, "1", "pay", "{}"));

        Told.Ends(log, "tool started: call_2, attempt 1", "in_doubt: pay was cut off and nobody knows whether it happened. What became of it?", "parked");
        Assert.Equal(ThreadStatus.Pending, log.Thread.Status);
    }

    // With the second step of one branch its log is full, while the other branch still pays.
    private static Microagent Beside(Func<CancellationToken, Task> pay) => Shop.Flow(async (run, _) =>
    {
        await run.All(
            async () =>
            {
                await run.Step("look", Effect.ReadOnly, (_, _) => Task.FromResult("seen"));
                await run.Step("tell", Effect.Effectful, (_, _) => Task.FromResult("told"));
            },
            () => run.Step("pay", Effect.Effectful, (_, cancellation) => pay(cancellation)));
        return "done";
    });

    // Stored before this process looked: the copy of a log is measured too.
    private static async Task<ThreadId> Cut(AgentBench bench, string? workflow, string intent, string arguments)
    {
        await using var before = bench.Beside();
        return await before.Found([
            Logs.Started("""{"message":"x"}""") with { Agent = bench.Agents[0].Name, Definition = Definition.Of(bench.Agents[0]).Hash, Workflow = workflow },
            Logs.Chose(intent, arguments), Logs.Began(2)]);
    }
}
