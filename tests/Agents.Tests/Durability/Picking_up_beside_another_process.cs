using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

public sealed class Picking_up_beside_another_process
{
    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task What_has_ended_since_it_was_listed_is_not_taken()
    {
        await using var here = new AgentBench(TestAgents.Clerk(), LogModel.Of(TestAgents.Done));
        ThreadStarted started = new(here.Clock.GetUtcNow(), "clerk", Definition.Of(here.Agents[0]).Hash, AgentBench.Message("x"), "mia", "stdio", "message_received");
        ThreadId[] both = [await here.Found([started]), await here.Found([started])];
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var letGo = new ManualResetEventSlim();
        here.Store.Appended += (_, _) =>
        {
            if (first.TrySetResult())
            {
                // Both are listed by now, and one of them is taken.
                letGo.Wait();
            }
        };
        var recovering = Task.Run(() => here.Runner.Recover(), TestContext.Current.CancellationToken);
        await first.Task.WaitAsync(TestContext.Current.CancellationToken);
        await using var there = here.Beside();
        await there.Runner.Recover();
        await Task.WhenAll(both.Select(there.Settle));

        letGo.Set();

        Assert.Equal(1, await recovering);
    }
}
