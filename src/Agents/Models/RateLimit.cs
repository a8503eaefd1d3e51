namespace AgentMcp.Agents.Models;

/// <summary>How often one provider may be asked, by this process. What is null is not limited.</summary>
/// <param name="Requests">A minute.</param>
/// <param name="Tokens">A minute, in and out.</param>
/// <param name="Concurrent">At once.</param>
public sealed record RateLimit(int? Requests = null, long? Tokens = null, int? Concurrent = null);
