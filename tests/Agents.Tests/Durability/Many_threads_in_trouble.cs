using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>A sweep takes so many threads at once. Those it could not move the last time are not the first of them for ever.</summary>
public sealed class Many_threads_in_trouble
{
    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hide_none_that_can_be_moved(bool asleep)
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), LogModel.Of(TestAgents.Done));
        ThreadEvent[] then = asleep ? [Logs.Asked(RequestKind.Sleep) with { DueAt = Logs.At.AddSeconds(1) }] : [];
        List<ThreadId> bad = [await One_thread_in_trouble.Found(bench, "x", then), await One_thread_in_trouble.Found(bench, "x", then)];
        bad.ForEach(id => One_thread_in_trouble.Spoil(bench, bench.Store.Read(id)));
        var good = await One_thread_in_trouble.Found(bench, "x", then);

        await bench.Runner.Recover(limit: 2);
        await bench.Runner.Recover(limit: 2);

        Assert.Equal(ThreadStatus.Completed, (await bench.Settle(good)).Thread.Status);
        Assert.Equal(bad.Select(id => $"{id} cannot be moved and is left alone: "), bench.Errors.Lines.Select(line => line[..(line.IndexOf(": ", StringComparison.Ordinal) + 2)]));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Are_each_tried_again_in_their_turn_and_go_on_once_they_can()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), LogModel.Of(TestAgents.Done));
        List<ThreadId> threads = [await One_thread_in_trouble.Found(bench), await One_thread_in_trouble.Found(bench), await One_thread_in_trouble.Found(bench)];
        bench.Refuse("leases", "true");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, await bench.Runner.Recover(limit: 1));
        }

        bench.Allow();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, await bench.Runner.Recover(limit: 1));
        }

        Assert.All(await Task.WhenAll(threads.Select(bench.Settle)), log => Assert.Equal(ThreadStatus.Completed, log.Thread.Status));
    }
}
