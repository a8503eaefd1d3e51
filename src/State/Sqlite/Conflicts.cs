using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

public sealed class ConflictException(ThreadId id) : Exception($"{id} moved on while this was decided.");

/// <summary>What led to this was used up by somebody else: what follows from it has happened, and only once.</summary>
public sealed class UsedUpException() : Exception("Somebody else has taken this up.");

public sealed class LeaseLostException(ThreadId id) : Exception($"{id} is run by somebody else now.");
