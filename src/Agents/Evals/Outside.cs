using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents.Evals;

/// <summary>Which events of a log the loop makes by itself, and which come from people, time, tools, providers and work beside the steps. Pure.</summary>
internal static class Outside
{
    /// <summary>Whether an event is never made by the loop.</summary>
    public static bool Is(ThreadEvent happened) =>
        happened is not (StepChosen or StepRejected or ToolStarted or ToolReturned { Cached: null } or ToolFailed or RequestOpened or ThreadCompleted or ThreadFailed);

    /// <summary>Whether an event came from outside where the thread stood: an answer, its result, or what became of a call that no longer runs.</summary>
    public static bool Is(ThreadEvent happened, AgentThread thread) => Is(happened) || thread.State is Acting
        || (happened is ThreadFailed && thread.LastAnswer is { Approved: false } no && no.At == thread.UpdatedAt);

    /// <summary>Whether, where the loop could not go on, it may have been the model's provider: no reply, or one that was not kept whole.</summary>
    public static bool MayBeProvider(ThreadEvent happened, AgentThread thread) =>
        thread.State is Thinking && happened is StepRejected or RequestOpened or ThreadFailed;
}
