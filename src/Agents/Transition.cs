using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>How a thread as a whole moves, whatever happens within it.</summary>
public enum Transition
{
    Started,
    Paused,
    Resumed,
    Completed,
    Failed,
    Cancelled,
}

public static class Transitions
{
    /// <summary>The transition that an event is; null for one that leaves the thread running, waiting or ended as it was.</summary>
    public static Transition? Of(StoredEvent stored) => stored.Event switch
    {
        ThreadStarted or ThreadForked => Transition.Started,
        ThreadParked => Transition.Paused,
        RequestOpened when !IsWorkflow(stored) => Transition.Paused,
        RequestAnswered or RequestExpired or RequestWithdrawn or SleepEnded when !IsWorkflow(stored) || WasParked(stored) => Transition.Resumed,
        MessageReceived => Transition.Resumed,
        ThreadCompleted => Transition.Completed,
        ThreadFailed => Transition.Failed,
        ThreadCancelled => Transition.Cancelled,
        _ => null,
    };

    private static bool IsWorkflow(StoredEvent stored) => stored.Log.Thread.Start.Workflow is not null;

    // A workflow that is not parked works on meanwhile, whoever answers what.
    private static bool WasParked(StoredEvent stored)
    {
        var version = stored.Version - 1;
        while (stored.Log.Events[version - 1] is AnswerRefused or DeliveryFailed)
        {
            version--;
        }

        return stored.Log.Events[version - 1] is ThreadParked;
    }
}
