using AgentMcp.State.Json;

namespace AgentMcp.Agents.Context;

/// <summary>
/// What happens around the steps of an agent so that its model sees the right things. Every part is opt-in: an agent
/// that says nothing has none of it.
/// </summary>
public sealed record ContextPolicy
{
    /// <summary>Facts that are fetched before the first decision, and again when they may have changed.</summary>
    public IReadOnlyList<Prefetch> Prefetch { get; init; } = [];

    /// <summary>How old facts may be when a thread goes on after a pause.</summary>
    public TimeSpan RefetchAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Looks at chosen steps before anything of them begins; null for nobody.</summary>
    public Judge? Judge { get; init; }
}

/// <summary>A read-only tool of the agent, and what it is asked.</summary>
public sealed record Prefetch(string Intent, JsonText Arguments);
