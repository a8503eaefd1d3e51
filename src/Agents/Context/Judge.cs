using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>Looks at a chosen step before anything of it begins. A no runs nothing and is told to the model; a yes approves nothing.</summary>
/// <param name="Prompt">The system message of the judging model.</param>
/// <param name="Model">The model that judges, as <c>--model</c> takes it; null for the agent's own.</param>
/// <param name="AppliesTo">The intents that are judged; null for every tool that is not read-only.</param>
public sealed record Judge(string Prompt, string? Model = null, IReadOnlyList<string>? AppliesTo = null)
{
    /// <summary>How long a verdict may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Judges in place of a model. What it throws counts as no verdict.</summary>
    public Func<Proposal, CancellationToken, Task<Judgement>>? Code { get; init; }

    public static Judge InCode(Func<Proposal, CancellationToken, Task<Judgement>> code, IReadOnlyList<string>? appliesTo = null) =>
        new("", "code", appliesTo) { Code = code };

    /// <summary>Whether steps of this intent wait for its verdict.</summary>
    public bool Judges(Intent intent) => AppliesTo?.Contains(intent.Name) ?? intent is Tool { Effect: not Effect.ReadOnly };
}

/// <summary>A step as a judge sees it.</summary>
/// <param name="Prompt">The thread as it was rendered for the judge, with the step below it.</param>
public sealed record Proposal(string Intent, JsonText Arguments, Prompt Prompt, ThreadLog Log);

public sealed record Judgement(Verdict Verdict, string Reason);
