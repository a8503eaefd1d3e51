namespace AgentMcp.State.Threads;

/// <summary>The five words a client sees.</summary>
public enum ThreadStatus
{
    Running,
    Pending,
    Completed,
    Failed,
    Cancelled,
}
