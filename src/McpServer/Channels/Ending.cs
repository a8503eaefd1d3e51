using System.Text.Json;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Channels;

/// <summary>How a thread ended, for whoever it came from. Pure.</summary>
/// <param name="Words">In one sentence or more: what the agent says, or why there is nothing it could say.</param>
internal sealed record Ending(ThreadStatus Status, string Words, JsonText? Output = null)
{
    /// <summary>Null when the event at this version ended nothing, or ended it in a way nobody is told of.</summary>
    public static Ending? Of(ThreadLog log, int version) => log.Events[version - 1] switch
    {
        // The agent found nothing to do and nobody to tell.
        ThreadCompleted when log.Events[version - 2] is StepChosen step && step.Intent == StandardIntents.NothingToDo.Name => null,
        ThreadCompleted e => new(ThreadStatus.Completed, Said(e.Output), e.Output),
        ThreadFailed e => new(ThreadStatus.Failed, $"It did not work: {e.Error}"),
        ThreadCancelled e => new(ThreadStatus.Cancelled, $"Cancelled by {e.By} through {e.Channel}{(e.Reason is null ? "" : $": {e.Reason}")}"),
        _ => null,
    };

    private static string Said(JsonText output) => output.Element() is { ValueKind: JsonValueKind.Object } json && json.EnumerateObject().ToList() is [{ Name: "message", Value: { ValueKind: JsonValueKind.String } message }]
        ? message.GetString()! : Indented.Of(output);
}
