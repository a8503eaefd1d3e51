using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

// What goes on between threads and what they called.
public sealed partial class ThreadIndex
{
    private const string HasEnded = "status IN ('completed', 'failed', 'cancelled')";

    // In the words of the index, or SQLite does not use it.
    private const string IsOpen = "c.parent_id IS NOT NULL AND c.status IN ('running', 'pending')";

    /// <summary>Agents that still wait for a child that has ended: whoever was to tell them died before it did.</summary>
    // The version column of the row says nothing of the request: a note that a channel failed may follow it.
    public LogSearch WaitingForTheEnded { get; } = new(database, "p.thread_id",
        "FROM threads p WHERE p.kind = 'child' AND p.children IS NULL",
        $"""
        EXISTS (SELECT 1 FROM threads c WHERE c.{HasEnded} AND c.thread_id = (
          SELECT json_extract(e.data, '$.child') FROM events e
          WHERE e.thread_id = p.thread_id AND e.type = 'request_opened' ORDER BY e.version DESC LIMIT 1))
        """);

    /// <summary>The same of workflows: each may wait for several children and be told of them in any order, while it works or waits for something else.</summary>
    public LogSearch WorkflowsWaitingForTheEnded { get; } = new(database, "p.thread_id",
        "FROM threads p WHERE p.children > 0",
        $"""
        EXISTS (
          SELECT 1 FROM threads c WHERE c.root_id = p.root_id AND c.parent_id = p.thread_id AND c.parent_id IS NOT NULL AND c.{HasEnded} AND NOT EXISTS (
            SELECT 1 FROM events e WHERE e.thread_id = p.thread_id AND e.type = 'request_answered' AND json_extract(e.data, '$.by') = c.thread_id))
        """);

    /// <summary>Children that go on or wait although what called them was cancelled or has failed.</summary>
    // One that had completed and was spoken to again goes on for whoever spoke, whatever became of its caller.
    public LogSearch Abandoned { get; } = new(database, "c.thread_id",
        $"FROM threads c JOIN threads p ON p.thread_id = c.parent_id WHERE p.status IN ('cancelled', 'failed') AND {IsOpen}",
        "NOT EXISTS (SELECT 1 FROM events e WHERE e.thread_id = c.thread_id AND e.type = 'thread_completed')");

    /// <summary>The children of one thread that go on or wait, for it or for whoever spoke to them since.</summary>
    public IReadOnlyList<ThreadId> OpenChildren(ThreadId parent) => database.Read(session =>
        session.Rows($"SELECT c.thread_id FROM threads c WHERE c.parent_id = $1 AND {IsOpen}", Id, parent.Value));
}
