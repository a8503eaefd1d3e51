using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>It can be read, and leased, and nothing that its run brings is ever stored: each run would ask a model that is paid for.</summary>
public sealed class A_thread_that_cannot_be_stored
{
    private readonly LogModel _model = LogModel.Of(TestAgents.Done);

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Asks_its_model_once_and_is_said_once_however_often_it_is_found()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), _model);
        var id = await Unstorable(bench);

        for (var i = 0; i < 5; i++)
        {
            await Recover(bench, id);
        }

        Assert.Equal(1, _model.Calls);
        Assert.Equal($"{id} cannot be stored and is left alone, longer each time: SQLite Error 19: 'not this one'.", Assert.Single(bench.Errors.Lines));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Is_tried_again_after_a_pause_that_grows_and_goes_on_once_it_can()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), _model);
        var id = await Unstorable(bench);
        await Recover(bench, id);

        foreach (var pause in new[] { 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })
        {
            var calls = _model.Calls;
            bench.Clock.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            await Recover(bench, id);
            Assert.Equal((pause, calls), (pause, _model.Calls));
            bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Recover(bench, id);
            Assert.Equal((pause, calls + 1), (pause, _model.Calls));
        }

        Assert.Single(bench.Errors.Lines);
        bench.Allow();
        bench.Clock.Advance(TimeSpan.FromMinutes(5));
        await Recover(bench, id);
        Assert.Equal((ThreadStatus.Completed, false), (bench.Store.Read(id).Thread.Status, bench.Runner.IsLeft(id)));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Is_left_alone_by_other_processes_too_and_then_whichever_comes_first_goes_on_with_it()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), _model);
        await using var other = bench.Beside();
        var id = await Unstorable(bench);
        foreach (var pause in new[] { 0, 2, 4, 8, 16, 32 })
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(pause));
            await Recover(bench, id);
        }

        // For a minute: longer than a lease holds that nobody keeps.
        for (var i = 0; i < 3; i++)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(20));
            await bench.Runner.Renew();
            Assert.Equal(0, await other.Runner.Recover());
        }

        bench.Allow();
        bench.Clock.Advance(TimeSpan.FromSeconds(4));
        await bench.Runner.Renew();
        Assert.Equal(ThreadStatus.Completed, (await other.Recover(id)).Thread.Status);
    }

    private static async Task<ThreadId> Unstorable(AgentBench bench)
    {
        var id = await One_thread_in_trouble.Found(bench);
        bench.Refuse("events", $"NEW.thread_id = '{id}'");
        return id;
    }

    private static async Task Recover(AgentBench bench, ThreadId id)
    {
        await bench.Runner.Recover();
        // That nothing could be stored is thrown at whoever waits.
        _ = await Record.ExceptionAsync(() => bench.Settle(id));
    }
}
