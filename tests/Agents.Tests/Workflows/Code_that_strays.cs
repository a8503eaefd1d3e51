using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>Code that does not do the same again is noticed as far as it can be, and said.</summary>
public sealed class Code_that_strays
{
    private const string Elsewhere = "The workflow cannot go on: its code waits for something that is no operation of its run (Task.Run, Task.Delay, a call to a service); do such work in a step.";

    private readonly Shop _shop = new();

    [Fact]
    public async Task Awaiting_what_is_no_operation_is_said()
    {
        var never = new TaskCompletionSource<string>();
        await using var bench = new AgentBench(Shop.Flow(async (_, _) => await never.Task), Shop.Plays);
        var log = await bench.Start("x");
        Assert.Equal(ThreadStatus.Pending, log.Thread.Status);
        Assert.StartsWith("question: " + Elsewhere, Told.Asked(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_continues_the_code_from_elsewhere_is_not_followed()
    {
        var outside = new TaskCompletionSource();
        var stepping = new TaskCompletionSource();
        var flow = Shop.Flow(async (run, _) =>
        {
            await run.All(
                () => run.Step("long", Effect.Idempotent, (_, _) => stepping.Task),
                async () =>
                {
                    await outside.Task;
                    await _shop.Step(run, "after");
                });
            return "done";
        });
        await using var bench = new AgentBench(flow, Shop.Plays);
        var id = await bench.Host.Start("flow", AgentBench.Message("x"), AgentBench.Me);
        await bench.Until(id, log => log.Events.OfType<ToolStarted>().Any());
        outside.SetResult();
        stepping.SetResult();

        var log = await bench.Settle(id);
        Assert.StartsWith("question: The workflow cannot go on: its code was continued by something that is no operation of its run", Told.Asked(log), StringComparison.Ordinal);
        Assert.Empty(_shop.Done);
    }

    [Fact]
    public async Task Using_the_run_from_inside_a_step_fails_the_step()
    {
        var flow = Shop.Flow((run, _) => run.Step("outer", Effect.ReadOnly, (_, _) => _shop.Step(run, "inner")));
        await using var bench = new AgentBench(flow, Shop.Plays);
        Told.Ends(await bench.Start("x"),
            "tool failed: call_2 'inner' was asked of the run from outside the workflow's own code: from inside a step, or after an await of something else (Task.Run, Task.Delay). Do such work in a step, and ask only between steps.",
            "failed: outer failed: 'inner' was asked of the run from outside the workflow's own code: from inside a step, or after an await of something else (Task.Run, Task.Delay). Do such work in a step, and ask only between steps.");
    }

    [Fact]
    public async Task Ending_while_something_is_open_fails_the_thread_and_says_what()
    {
        var flow = Shop.Flow((run, what) =>
        {
            _ = run.Ask("Still there?");
            return Task.FromResult("done");
        });
        await using var bench = new AgentBench(flow, Shop.Plays);
        Told.Ends(await bench.Start("x"), "failed: it ended while ask was still open; await everything that is begun, or give a request an expiry");
    }

    [Fact]
    public async Task Awaiting_without_the_context_is_as_good()
    {
        var flow = Shop.Flow(async (run, _) =>
        {
            var words = await run.Ask("Which?").ConfigureAwait(false);
            var done = await _shop.Step(run, "print").ConfigureAwait(false);
            return words + await run.Ask("Sure?").ConfigureAwait(false) + done;
        });
        var before = new AgentBench(flow, Shop.Plays);
        var log = await before.Answer(await before.Start("x"), response: "a");
        await using var after = await before.Restart();
        Told.Ends(await after.Answer(log, response: "b"), "completed: \"abprint done\"");
        Assert.Single(_shop.Done);
    }

    [Fact]
    public async Task What_the_code_throws_is_the_end_of_the_thread()
    {
        await using var bench = new AgentBench(Shop.Flow((_, what) => throw new InvalidOperationException($"there is no {what}\nand more")), Shop.Plays);
        Told.Ends(await bench.Start("tea"), "failed: there is no tea");
    }
}
