using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Telemetry;

/// <summary>What one model is asked, as whoever listens to the source and the meter gets it. Others in this process ask other models.</summary>
public sealed class Models_are_watched : IDisposable
{
    private const string Model = "watched-by-a-test";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<string> _measured = new();
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters = new();

    public Models_are_watched()
    {
        _activities = new()
        {
            ShouldListenTo = source => source.Name == Tracing.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Name == $"chat {Model}" ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name.StartsWith("gen_ai.", StringComparison.Ordinal))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note($"{instrument.Name} {value}", tags));
        _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument.Name, tags));
        _meters.Start();
    }

    [Fact]
    public async Task By_its_provider_its_name_and_what_it_took()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), new Watched(new ModelReply.Said(TestAgents.Done, new Usage(100, 20, 64))));

        var log = await bench.Start("a confidential plan");

        Assert.Equal(
            $"gen_ai.conversation.id={log.Thread.Id} gen_ai.operation.name=chat gen_ai.provider.name=anthropic gen_ai.request.model={Model} "
                + "gen_ai.usage.cache_read.input_tokens=64 gen_ai.usage.input_tokens=100 gen_ai.usage.output_tokens=20",
            Tags(Assert.Single(_spans)));
        Assert.Equal(
            [
                $"gen_ai.client.token.usage 100 gen_ai.operation.name=chat gen_ai.provider.name=anthropic gen_ai.request.model={Model} gen_ai.token.type=input",
                $"gen_ai.client.token.usage 20 gen_ai.operation.name=chat gen_ai.provider.name=anthropic gen_ai.request.model={Model} gen_ai.token.type=output",
                $"gen_ai.client.operation.duration gen_ai.operation.name=chat gen_ai.provider.name=anthropic gen_ai.request.model={Model}",
            ], _measured);
    }

    [Theory]
    [InlineData(true, "unavailable")]
    [InlineData(false, "refused")]
    public async Task By_what_went_wrong_in_one_word(bool mayPass, string type)
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), new Watched(new ModelException("the key sk-0123456789 is bad", mayPass)));

        await bench.Start("x");

        var span = Assert.Single(_spans);
        Assert.Equal((ActivityStatusCode.Error, type, null), (span.Status, span.GetTagItem("error.type"), span.StatusDescription));
        Assert.Equal([$"gen_ai.client.operation.duration error.type={type} gen_ai.operation.name=chat gen_ai.provider.name=anthropic gen_ai.request.model={Model}"], _measured);
        Assert.Empty(span.Events);
    }

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
    }

    private void Note(string what, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var said = tags.ToArray();
        if (said.Contains(new("gen_ai.request.model", Model)))
        {
            _measured.Enqueue($"{what} {Text(said)}");
        }
    }

    private static string Tags(Activity span) => Text(span.TagObjects);

    private static string Text(IEnumerable<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));

    private sealed class Watched(object reply) : IModel
    {
        public string Name => "anthropic:" + Model;

        public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) =>
            reply is Exception e ? Task.FromException<ModelReply>(e) : Task.FromResult((ModelReply)reply);
    }
}
