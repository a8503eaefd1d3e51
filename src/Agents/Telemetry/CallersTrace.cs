using System.Diagnostics;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Telemetry;

/// <summary>A trace as a caller says it, and as it is sent along: traceparent and tracestate of the W3C.</summary>
public sealed record CallersTrace(string Parent, string? State)
{
    private const int LongestState = 512;
    private static readonly AsyncLocal<CallersTrace?> Here = new();

    /// <summary>
    /// What goes along with what is sent from here, though this process does not trace. Where it does there is a span, and
    /// whoever sends something knows of it.
    /// </summary>
    public static CallersTrace? Carried => Activity.Current is null ? Here.Value : null;

    /// <summary>Null for what is no trace; a state that is none is left out.</summary>
    public static CallersTrace? Of(string? parent, string? state) => !ActivityContext.TryParse(parent, null, out _) ? null
        : new(parent!, state is { Length: > 0 and <= LongestState } && !state.AsSpan().ContainsAnyExceptInRange(' ', '~') ? state : null);

    internal static CallersTrace? Of(AgentThread thread) => Of(thread.Start.Trace, thread.Start.TraceState);

    /// <summary>From here on, as far as the calling method reaches, what is done belongs to the trace of the thread.</summary>
    internal static void Carry(AgentThread thread) => Here.Value = Of(thread);
}
