using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <param name="Cursor">The last thread of the page before.</param>
public sealed record ThreadFilter(
    Sight Sight, ThreadStatus? Status = null, string? Agent = null, RequestKind? Kind = null,
    DateTimeOffset? StartedBefore = null, DateTimeOffset? StartedAfter = null, ThreadId? Cursor = null, int Limit = 50);

public sealed record ThreadPage(IReadOnlyList<ThreadRow> Rows, ThreadId? Next);
