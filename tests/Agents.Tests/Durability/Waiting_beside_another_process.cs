using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

public sealed class Waiting_beside_another_process
{
    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task A_wait_never_shows_a_thread_as_it_was_before_an_answer_that_came_first()
    {
        await using var here = new AgentBench(TestAgents.Clerk(), LogModel.Of("""{"intent":"request_more_information","message":"Which?"}""", TestAgents.Done));
        var parked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var letGo = new ManualResetEventSlim();
        here.Store.Appended += (_, version) =>
        {
            if (version == 3)
            {
                // The question is stored and anybody may answer it, and the run that asked it has not come to its end.
                parked.SetResult();
                letGo.Wait();
            }
        };
        var id = await here.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await parked.Task.WaitAsync(TestContext.Current.CancellationToken);
        await using var there = here.Beside();
        await there.Host.Answer(id, AgentBench.Me, null, null, JsonText.Of("this one"), null);
        await there.Settle(id);

        var wait = here.Host.Wait(id, AgentBench.Me.By, TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken);
        letGo.Set();

        Assert.Equal(ThreadStatus.Completed, (await wait).Thread.Status);
    }
}
