using AgentMcp.Agents.Tools;

namespace AgentMcp.Server.Upstream;

/// <summary>The server is not there; it was asked nothing.</summary>
internal class UnreachableException(string message, Exception? inner = null) : ToolException(message, inner);

/// <summary>It is there and let the request not in: it has done nothing, and may the next time.</summary>
internal sealed class TurnedAwayException(string message, Exception? inner = null) : UnreachableException(message, inner);

/// <summary>It was asked, and cannot say for the moment; the same may count the next time.</summary>
internal sealed class NotNowException(string message, Exception? inner = null) : UnreachableException(message, inner);

/// <summary>The server was asked about something that it does not know: a task that is gone, say.</summary>
internal sealed class UnknownThereException(string message, Exception inner) : ToolException(message, inner);

/// <summary>It does not take the request as it is, now or later.</summary>
internal sealed class RefusedThereException(string message, Exception inner) : ToolException(message, inner);

/// <summary>A request was sent and its answer never came.</summary>
internal sealed class ConnectionLostException(string message, Exception? inner = null) : Exception(message, inner);
