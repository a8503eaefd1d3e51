using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>
/// What led to events besides a call, and leads to no others: a message that came in, or a moment that was due. It is
/// used up in the transaction that writes them, so two processes that both found it make it happen once.
/// </summary>
public abstract record Cause
{
    private protected Cause()
    {
    }

    /// <summary>False when somebody else has used it up; then nothing of the transaction stays.</summary>
    internal abstract bool Use(Session session, AgentThread thread);
}
