using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Workflows;

/// <summary>One thing a workflow asked of its run. Recognised in the log by its name and its arguments.</summary>
/// <param name="Wakes">Of a sleep: when it ends, given when it was chosen.</param>
internal sealed record Operation(string Name, Intent Intent, JsonText Arguments, Func<DateTimeOffset, DateTimeOffset>? Wakes = null)
{
    private readonly TaskCompletionSource<Ending> _ending = new();

    public Task<Ending> Ending => _ending.Task;

    public bool IsMarker { get; init; }

    /// <summary>The yes it has, until it ends with what was done with it.</summary>
    public RequestAnswered? Approved { get; set; }

    public void End(Ending ending) => _ending.TrySetResult(ending);
}

/// <summary>How an operation ended: with a result, an error or an answer.</summary>
internal sealed record Ending(JsonText? Result = null, string? Error = null, RequestAnswered? Answer = null);

/// <summary>A step failed, a child failed or was cancelled, or nobody answered a question in time. A workflow may catch it.</summary>
public sealed class StepFailedException(string step, string reason) : Exception($"{step} failed: {reason}")
{
    public string Step => step;

    public string Reason => reason;
}

/// <summary>What a person said of an action. A no is a value, not an exception.</summary>
/// <param name="Arguments">What exactly was approved.</param>
/// <param name="By">Who said so; null when nobody did in time.</param>
public sealed record Approval(bool Approved, JsonText Arguments, string? Comment, string? By);
