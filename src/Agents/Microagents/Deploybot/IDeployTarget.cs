using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>
/// The world deploybot works on: one monorepo whose backend goes to production by a tag and whose frontend by promoting
/// a deployment. Failures are a <see cref="ToolException"/> that says what to do; an effect that may or may not have
/// happened is an <see cref="OutcomeUnknownException"/>.
/// </summary>
public interface IDeployTarget
{
    /// <summary>The two deploy workflows, backend first. No other is ever looked at or started.</summary>
    IReadOnlyList<string> Workflows { get; }

    /// <summary>The newest commits of the deploy branch, newest first.</summary>
    Task<IReadOnlyList<Commit>> Commits(int limit, CancellationToken cancellation);

    Task<IReadOnlyList<GitTag>> Tags(int limit, CancellationToken cancellation);

    /// <summary>All known production deployments, newest first.</summary>
    Task<IReadOnlyList<Deployment>> Deployments(CancellationToken cancellation);

    Task<IReadOnlyList<WorkflowRun>> WorkflowRuns(string workflow, int limit, CancellationToken cancellation);

    /// <summary>The commit a SHA, the start of one, a tag or <c>latest</c> names. It is on the deploy branch, or this fails.</summary>
    Task<Commit> Resolve(string name, CancellationToken cancellation);

    /// <summary>The commit of the newest production tag; null when there is none yet.</summary>
    Task<Commit?> LiveBackend(CancellationToken cancellation);

    /// <summary>Whether the one commit is in the history of the other, and not the same.</summary>
    Task<bool> IsOlder(string sha, string than, CancellationToken cancellation);

    /// <param name="key">Marks this one deploy, so that a repetition is recognised where that is possible.</param>
    /// <param name="at">When it was approved: the same for every attempt, so that attempts cannot become two deploys.</param>
    Task<BackendDeploy> DeployBackend(string sha, string key, DateTimeOffset at, CancellationToken cancellation);

    Task<Promotion> Promote(string deploymentId, string key, CancellationToken cancellation);
}
