using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentMcp.Agents.Models;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Telemetry;

/// <summary>A question to a model as a span, and what it took as metrics.</summary>
internal static class ModelSpan
{
    private static readonly Histogram<long> Tokens = RunMetrics.Meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] });

    private static readonly Histogram<double> Took = RunMetrics.Meter.CreateHistogram("gen_ai.client.operation.duration", "s", "GenAI operation duration.", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] });

    /// <summary>Asks. A step that the caller chooses is asked of nobody here, and so is no span.</summary>
    public static Task<ModelReply> Ask(IModel model, ModelTurn turn, CancellationToken stop) =>
        model is CallerModel || !(Tracing.IsOn || Tokens.Enabled || Took.Enabled) ? model.NextStep(turn, stop) : Watched(model, turn, stop);

    private static async Task<ModelReply> Watched(IModel model, ModelTurn turn, CancellationToken stop)
    {
        var (provider, name) = Tracing.Parts(model.Name);
        using var span = Tracing.Source.StartActivity($"chat {name}", ActivityKind.Client, default(ActivityContext),
            [new("gen_ai.operation.name", "chat"), new("gen_ai.provider.name", provider), new("gen_ai.request.model", name), new("gen_ai.conversation.id", turn.Log.Thread.Id.Value)]);
        span.Content("gen_ai.system_instructions", () => Parts(turn.Prompt.System));
        span.Content("gen_ai.input.messages", () => Message("user", turn.Prompt.User));
        var tags = new TagList { { "gen_ai.operation.name", "chat" }, { "gen_ai.provider.name", provider }, { "gen_ai.request.model", name } };
        var began = Stopwatch.GetTimestamp();
        try
        {
            var reply = await model.NextStep(turn, stop).WaitAsync(stop).ConfigureAwait(false);
            if (reply is ModelReply.Said said)
            {
                Note(span, said, tags);
            }

            return reply;
        }
        catch (Exception e)
        {
            var type = e is OperationCanceledException ? "cancelled" : e is ModelException { MayPass: true } ? "unavailable" : e is ModelException ? "refused" : e.GetType().Name;
            tags.Add("error.type", type);
            span.Failed(type);
            throw;
        }
        finally
        {
            Took.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, tags);
        }
    }

    private static void Note(Activity? span, ModelReply.Said said, TagList tags)
    {
        span?.SetTag("gen_ai.response.model", said.Model is { } model ? Tracing.Parts(model).Model : null);
        span.Content("gen_ai.output.messages", () => Message("assistant", said.Text));
        if (said.Usage is { } usage)
        {
            span?.SetTag("gen_ai.usage.input_tokens", usage.InputTokens).SetTag("gen_ai.usage.output_tokens", usage.OutputTokens)
                .SetTag("gen_ai.usage.cache_read.input_tokens", usage.CachedTokens);
            Tokens.Record(usage.InputTokens, [.. tags, new("gen_ai.token.type", "input")]);
            Tokens.Record(usage.OutputTokens, [.. tags, new("gen_ai.token.type", "output")]);
        }
    }

    private static string Message(string role, string text) => $$"""[{"role":"{{role}}","parts":{{Parts(text)}}}]""";

    private static string Parts(string text) => $$"""[{"type":"text","content":{{JsonText.Of(text)}}}]""";
}
