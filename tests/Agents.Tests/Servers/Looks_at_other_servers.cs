using System.Diagnostics;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Servers;

/// <summary>Calls that have something under way elsewhere are looked after.</summary>
public sealed class Looks_at_other_servers
{
    // Only so that what never comes about is told and not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(500);

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task One_that_answers_nothing_keeps_no_look_at_another_waiting()
    {
        var mute = Far("mute", async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return false;
        });
        var quick = Far("quick", (_, _) => Task.FromResult(true));
        await using var bench = new AgentBench(TestAgents.Clerk(mute, quick), new ScriptedModel(
            [.. Enumerable.Repeat(TestAgents.Step("mute", "book"), 80), TestAgents.Step("quick", "book"), TestAgents.Done]));
        for (var thread = 0; thread < 80; thread++)
        {
            await bench.Start("x");
        }

        var log = await bench.Start("x");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var watching = bench.Runner.Elsewhere.Run(stop.Token);
        for (var waited = Stopwatch.StartNew(); bench.Store.Read(log.Thread.Id).Thread.Status != ThreadStatus.Completed;)
        {
            Assert.True(waited.Elapsed < Patience, "Nobody has looked.");
            bench.Clock.Advance(Round);
            await Task.Yield();
        }

        await stop.CancelAsync();
        await watching;
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task One_that_only_lets_wait_is_asked_ever_more_seldom()
    {
        List<DateTimeOffset> asked = [];
        AgentBench? bench = null;
        var far = Far("far", (_, _) => Task.FromResult(true)) with
        {
            Run = (_, _) =>
            {
                asked.Add(bench!.Clock.GetUtcNow());
                return Task.FromResult<ToolOutcome>(new ToolOutcome.Asked(RequestKind.Child, "Waits for far.", new(JsonText.Parse("1"))));
            },
        };
        bench = new AgentBench(TestAgents.Clerk(far), new ScriptedModel(TestAgents.Step("far", "book")));
        await using var disposed = bench;
        var log = await bench.Start("x");
        for (var round = 0; round < 240; round++)
        {
            bench.Clock.Advance(Round);
            await bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken);
            await bench.Settle(log.Thread.Id);
        }

        var pauses = asked.Zip(asked.Skip(1), (one, next) => next - one).ToList();
        Assert.Equal(pauses.Order(), pauses);
        Assert.InRange(pauses[^1], TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(31));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task What_was_cut_off_in_the_middle_of_a_run_is_told_from_what_waited()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        List<int> ended = [];
        var far = Far("far", (_, _) => Task.FromResult(true)) with
        {
            Run = async (call, cancellation) =>
            {
                if (call.Relayed is not null)
                {
                    began.TrySetResult();
                    await Task.Delay(Timeout.Infinite, cancellation);
                }

                return new ToolOutcome.Asked(RequestKind.Child, "Waits for far.", new(JsonText.Parse("1")));
            },
            Elsewhere = new((_, _) => Task.FromResult(true), (call, _) =>
            {
                ended.Add(call.Attempt);
                return Task.CompletedTask;
            }),
        };
        await using var bench = new AgentBench(TestAgents.Clerk(far), new ScriptedModel(TestAgents.Step("far", "book"), TestAgents.Step("far", "book")));
        var (waits, runs) = (await bench.Start("x"), await bench.Start("x"));
        await bench.Host.Cancel(waits.Thread.Id, AgentBench.Me, "enough");
        await bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken);
        Assert.Equal([0], ended);

        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken);
        await began.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await bench.Host.Cancel(runs.Thread.Id, AgentBench.Me, "enough");
        await bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken);
        Assert.Equal([0, 1], ended);
    }

    private static Tool Far(string name, Func<ToolCall, CancellationToken, Task<bool>> moved) => TestAgents.Tool(name, Effect.Idempotent, (call, _) => Task.FromResult<ToolOutcome>(
        call.Relayed is null ? new ToolOutcome.Asked(RequestKind.Child, $"Waits for {name}.", new(JsonText.Parse("1"))) : new ToolOutcome.Returned(JsonText.Parse("\"there\""))))
        with
    { Attempts = int.MaxValue, Elsewhere = new(moved, (_, _) => Task.CompletedTask) };
}
