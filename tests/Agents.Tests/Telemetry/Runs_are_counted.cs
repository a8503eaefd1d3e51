using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Durability;

namespace AgentMcp.Agents.Tests.Telemetry;

/// <summary>The queue and the leases of runs, as whoever listens to the meter gets them. Other tests of this process have runs too, which are not those of this flow.</summary>
public sealed class Runs_are_counted : IDisposable
{
    private static readonly AsyncLocal<bool> Mine = new();
    private readonly ConcurrentQueue<string> _measured = new();
    private readonly MeterListener _meters = new();

    public Runs_are_counted()
    {
        Mine.Value = true;
        _meters.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name is "agentmcp.queue.length" or "agentmcp.queue.wait" or "agentmcp.leases.lost")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => Note($"{instrument.Name} {value}"));
        _meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => Note($"{instrument.Name} {(value >= 0 ? "measured" : value)}"));
        _meters.Start();
    }

    [Fact]
    public async Task One_that_finds_a_place_is_not_in_the_queue_and_one_that_waits_is_until_it_has_one()
    {
        using var places = new SemaphoreSlim(1);
        await RunMetrics.Enter(places);
        var second = RunMetrics.Enter(places);
        Assert.Equal(["agentmcp.queue.wait measured", "agentmcp.queue.length 1"], _measured);

        places.Release();
        await second;

        Assert.Equal(["agentmcp.queue.wait measured", "agentmcp.queue.length 1", "agentmcp.queue.length -1", "agentmcp.queue.wait measured"], _measured);
    }

    [Fact]
    public async Task One_that_wakes_when_another_process_has_taken_over_has_lost_its_lease()
    {
        var held = new HeldModel(TestAgents.Done);
        await using var first = new AgentBench(TestAgents.Clerk(), held);
        var id = await first.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await held.Asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        await using var second = first.Beside(new ScriptedModel(TestAgents.Done));
        first.Clock.Advance(State.Sqlite.Owner.Lifetime + TimeSpan.FromSeconds(1));
        await second.Runner.Recover();
        await second.Settle(id);
        Assert.DoesNotContain("agentmcp.leases.lost 1", _measured);

        held.LetGo.SetResult();
        await first.Settle(id);

        Assert.Equal(["agentmcp.leases.lost 1"], _measured.Where(line => line.StartsWith("agentmcp.leases", StringComparison.Ordinal)));
    }

    public void Dispose() => _meters.Dispose();

    private void Note(string line)
    {
        if (Mine.Value)
        {
            _measured.Enqueue(line);
        }
    }
}
