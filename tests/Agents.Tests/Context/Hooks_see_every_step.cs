using System.Diagnostics.Metrics;
using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Agents.Tests.Context;

public sealed class Hooks_see_every_step
{
    [Fact]
    [Trait("Accepts", "F8.5")]
    public async Task Once_it_is_stored_and_in_its_order()
    {
        await using var bench = new AgentBench(new Outside().Clerk, new ScriptedModel(TestAgents.Step("look", "a"), TestAgents.Step("deploy", "b"), TestAgents.Done));
        var seen = new List<(string Event, bool IsStored)>();
        using var hooks = new StepHooks(bench.Store, NullLogger.Instance, stored =>
            seen.Add((stored.Event.GetType().Name, bench.Store.Read(stored.Log.Thread.Id).Thread.Version >= stored.Version)));

        var log = await bench.Answer(await bench.Start("x"), approved: true);

        Assert.Equal(log.Events.Select(e => (e.GetType().Name, true)), seen);
    }

    [Fact]
    [Trait("Accepts", "F8.5")]
    public async Task Of_a_fork_they_see_the_event_that_says_so_and_what_follows()
    {
        await using var bench = new AgentBench(new Outside().Clerk, new ScriptedModel(TestAgents.Done, TestAgents.Done));
        var original = await bench.Start("x");
        var seen = new List<(Transition?, string)>();
        using var hooks = new StepHooks(bench.Store, NullLogger.Instance, stored => seen.Add((Transitions.Of(stored), stored.Event.GetType().Name)));

        await bench.Settle(await bench.Host.Fork(original.Thread.Id, 1, AgentBench.Me));

        Assert.Equal([(Transition.Started, "ThreadForked"), (null, "StepChosen"), (Transition.Completed, "ThreadCompleted")], seen);
    }

    [Fact]
    [Trait("Accepts", "F8.5")]
    public async Task One_that_throws_stops_nothing()
    {
        await using var bench = new AgentBench(new Outside().Clerk, new ScriptedModel(TestAgents.Done));
        var after = 0;
        using var hooks = new StepHooks(bench.Store, NullLogger.Instance, _ => throw new InvalidOperationException("no disk"), _ => after++);

        var log = await bench.Start("x");

        Assert.Equal((ThreadStatus.Completed, log.Events.Count), (log.Thread.Status, after));
    }

    [Fact]
    [Trait("Accepts", "F8.5")]
    public async Task Metrics_count_steps_calls_tokens_and_requests_and_hold_nothing_that_was_said()
    {
        await using var bench = new AgentBench(
            new Outside().Clerk with { Context = new() { Judge = Judge.InCode((proposal, _) => Task.FromResult(new Judgement(proposal.Arguments.Text.Contains("dear", StringComparison.Ordinal) ? Verdict.Fail : Verdict.Pass, "price"))) } },
            new ScriptedModel(
                new ModelReply.Said(TestAgents.Step("look", "a secret"), new Usage(100, 20)), "nonsense", TestAgents.Step("pay", "dear"), TestAgents.Step("deploy", "b")));
        using var metrics = new StepMetrics();
        using var hooks = new StepHooks(bench.Store, NullLogger.Instance, metrics.Take);
        var measured = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == StepMetrics.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        listener.Start();

        await bench.Start("x");

        Assert.Equal(
            [
                "agentmcp.transitions 1 agent=clerk transition=started",
                "agentmcp.threads 1 agent=clerk status=started",
                "agentmcp.steps 1 agent=clerk intent=look outcome=chosen model=scripted",
                "agentmcp.tokens 100 agent=clerk model=scripted direction=in",
                "agentmcp.tokens 20 agent=clerk model=scripted direction=out",
                "agentmcp.calls 1 agent=clerk intent=look outcome=returned",
                "agentmcp.call.duration 0 agent=clerk intent=look",
                "agentmcp.steps 1 agent=clerk intent= outcome=rejected model=scripted",
                "agentmcp.steps 1 agent=clerk intent=pay outcome=chosen model=scripted",
                "agentmcp.steps 1 agent=clerk intent=pay outcome=turned_down model=code",
                "agentmcp.steps 1 agent=clerk intent=deploy outcome=chosen model=scripted",
                "agentmcp.transitions 1 agent=clerk transition=paused",
                "agentmcp.requests 1 agent=clerk kind=approval",
            ], measured);

        void Note(string name, object value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            measured.Add($"{name} {value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
    }
}
