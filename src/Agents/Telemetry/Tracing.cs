using System.Diagnostics;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Telemetry;

/// <summary>
/// Spans by the conventions of OpenTelemetry for generative AI, for whoever listens to the source
/// <see cref="Name"/>. Where nobody does there are none, and nothing is spent on them.
/// </summary>
public static class Tracing
{
    /// <summary>The name of the source of spans, and of the meter of models, queues and leases.</summary>
    public const string Name = "AgentMcp.Agents";

    internal static readonly ActivitySource Source = new(Name);

    /// <summary>Whether prompts, replies, arguments and results are recorded too. What looks like a secret never is.</summary>
    public static bool HoldsContent { get; set; }

    internal static bool IsOn => Source.HasListeners();

    /// <summary>A text to record, if content may be and somebody records this span.</summary>
    internal static void Content(this Activity? span, string name, Func<string> text)
    {
        if (HoldsContent && span is { IsAllDataRequested: true })
        {
            span.SetTag(name, ErrorText.Redacted(text()));
        }
    }

    /// <param name="type">One of a few words, never what was said.</param>
    internal static void Failed(this Activity? span, string type) => span?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error);

    /// <summary>Until it is disposed what is done belongs to no trace, here and where it is sent: looks that are repeated for as long as somebody waits.</summary>
    internal static Activity? Unrecorded() => IsOn
        ? new Activity("look").SetParentId(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom()).Start()
        : null;

    /// <summary>The provider and the model of a name such as <c>anthropic:claude-sonnet-5</c>, in the words of the conventions.</summary>
    internal static (string Provider, string Model) Parts(string model) => model.Split(':', 2) switch
    {
        ["azure", var name] => ("azure.ai.openai", name),
        [var provider, var name] => (provider, name),
        _ => ("agentmcp", model),
    };
}
