using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

// What happened beside the steps: facts were fetched, a step was judged, the past was summarised. None of it is a step,
// and none is an error.

/// <summary>A fact an agent asks for before it decides, as it was at this time. Fetched again, the newer one counts.</summary>
/// <param name="Result">What there was; null when it could not be had.</param>
/// <param name="Error">Why it could not be had.</param>
public sealed record Fetched(DateTimeOffset At, string Intent, JsonText Arguments, JsonText? Result = null, string? Error = null) : ThreadEvent(At);

/// <summary>What the judge said of the chosen step, before anything of it was begun.</summary>
/// <param name="Model">What judged.</param>
public sealed record StepJudged(DateTimeOffset At, CallId Call, Verdict Verdict, string Reason, string Model, Usage? Usage = null) : ThreadEvent(At);

/// <summary>Events that are shown as this text from now on. They stay in the log as they were.</summary>
/// <param name="From">The version of the first of them.</param>
/// <param name="To">The version of the last; the same as <paramref name="From"/> for one large result.</param>
/// <param name="Model">What wrote it: a model, or <c>code</c>.</param>
/// <param name="Error">Why the model that was to write it did not.</param>
public sealed record Summarised(DateTimeOffset At, int From, int To, string Text, string Model, Usage? Usage = null, string? Error = null) : ThreadEvent(At);

public enum Verdict
{
    Pass,
    Fail,

    /// <summary>The judge failed or did not answer in time.</summary>
    None,
}

/// <summary>A result that was returned before, to another call with the same arguments.</summary>
/// <param name="Version">The event of that thread which holds it.</param>
/// <param name="At">When it was true.</param>
public sealed record Cached(ThreadId Thread, int Version, DateTimeOffset At);
