using System.Collections.ObjectModel;
using AgentMcp.Agents.Prompting;
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

    /// <summary>Tokens of one result past which it is summarised; null for never.</summary>
    public int? SummariseOver { get; init; }

    /// <summary>Tokens of the rendered history past which its oldest part is summarised; null for never.</summary>
    public int? Budget { get; init; }

    /// <summary>Events at the end of the log that are never summarised.</summary>
    public int KeepLast { get; init; } = 10;

    /// <summary>The model that summarises, as <c>--model</c> takes it; null for none: what is too long is cut.</summary>
    public string? Summariser { get; init; }

    /// <summary>Tools whose results are shown in part, each with the members to keep; null for those that are kept of anything.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>?> Squash { get; init; } = ReadOnlyDictionary<string, IReadOnlyList<string>?>.Empty;

    /// <summary>Read-only tools whose results may be used again, and for how long.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Cache { get; init; } = ReadOnlyDictionary<string, TimeSpan>.Empty;

    /// <summary>Blocks that are shown otherwise, by their tag. Code, so the running program's and no part of a stored definition.</summary>
    public IReadOnlyDictionary<string, Renderer> Renderers { get; init; } = ReadOnlyDictionary<string, Renderer>.Empty;
}

/// <summary>A read-only tool of the agent, and what it is asked.</summary>
public sealed record Prefetch(string Intent, JsonText Arguments);
