using AgentMcp.Agents.Context;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Context;

/// <summary>Judges in code that do not come back from the call itself.</summary>
public sealed class Judges_that_block : IDisposable
{
    private readonly Outside _outside = new();
    private readonly ManualResetEventSlim _letGo = new();
    private readonly SemaphoreSlim _entered = new(0);

    private Microagent Judged => _outside.Clerk with
    {
        Context = new()
        {
            Judge = Judge.InCode((_, _) =>
            {
                _entered.Release();
                _letGo.Wait(TestContext.Current.CancellationToken);
                return Task.FromResult(new Judgement(Verdict.Pass, "late"));
            }),
        },
    };

    public void Dispose()
    {
        _letGo.Set();
        _letGo.Dispose();
        _entered.Dispose();
    }

    [Fact]
    public async Task Are_given_no_longer_than_any_other()
    {
        await using var bench = new AgentBench(Judged, LogModel.Of(TestAgents.Step("pay", "book"), TestAgents.Done));
        var id = await Entered(bench);
        await bench.Clock.Waited(TimeSpan.FromSeconds(30)).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        bench.Clock.Advance(TimeSpan.FromSeconds(30));

        Told.Ends(await bench.Settle(id), "judged: call_2 none (it did not answer within 30 s)", "approval: The judge gave no verdict on this. Run pay with item book?");
        _letGo.Set();
    }

    [Fact]
    public async Task Keep_no_place_once_their_thread_is_cancelled()
    {
        await using var bench = new AgentBench(Judged, LogModel.Of(TestAgents.Step("pay", "book"), TestAgents.Done));
        var id = await Entered(bench);

        await bench.Host.Cancel(id, AgentBench.Me, "no longer wanted").WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Told.Ends(await bench.Settle(id), "cancelled: no longer wanted");
        Assert.Equal(0, bench.Runner.Count);
        Assert.Empty(_outside.Done);
        _letGo.Set();
    }

    private async Task<ThreadId> Entered(AgentBench bench)
    {
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _entered.WaitAsync(TestContext.Current.CancellationToken);
        return id;
    }
}
