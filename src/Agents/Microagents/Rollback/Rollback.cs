using System.Text.Json;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Microagents.Rollback;

/// <summary>
/// The rollback microagent: its prompt is in rollback.agent.md. Its two gated tools do what deploybot's do, on the same
/// target and with the same previews, but they say that going back is intended and refuse to go forward.
/// </summary>
public static class Rollback
{
    public const string Name = "rollback";
    internal const string Promote = "promote_previous_deployment";
    internal const string PushTag = "deploy_previous_tag";

    private static readonly JsonText Deployment = JsonText.Parse(
        """{"type":"object","properties":{"deployment_id":{"type":"string","minLength":1,"description":"What the frontend had before."}},"required":["deployment_id"],"additionalProperties":false}""");

    private static readonly JsonText Commit = JsonText.Parse(
        """{"type":"object","properties":{"commit":{"type":"string","minLength":1,"description":"What the backend had before: its SHA or its production tag."}},"required":["commit"],"additionalProperties":false}""");

    public static IReadOnlyList<Tool> Tools(IDeployTarget target)
    {
        var previews = new DeployPreviews(target, back: true);
        return
        [
            new(Promote, "Points frontend production back at the deployment it had before. A person approves it first.", Deployment, Effect.Effectful,
                async (call, cancellation) => new ToolOutcome.Returned(DeployJson.Write(
                    await target.Promote(DeploymentOf(call), call.IdempotencyKey, cancellation).ConfigureAwait(false), DeployJson.Default.Promotion)))
            {
                Route = Route.Approve, Preview = (call, cancellation) => previews.Promote(DeploymentOf(call), cancellation),
            },
            new(PushTag, "Deploys the commit again that backend production had before, with a new production tag. A person approves it first.", Commit, Effect.Effectful,
                async (call, cancellation) => new ToolOutcome.Returned(DeployJson.Write(
                    await target.DeployBackend(CommitOf(call), call.IdempotencyKey, call.At, cancellation).ConfigureAwait(false), DeployJson.Default.BackendDeploy)))
            {
                Route = Route.Approve, Preview = (call, cancellation) => previews.Push(CommitOf(call), cancellation),
            },
        ];
    }

    private static string DeploymentOf(ToolCall call) => Arguments(call).DeploymentId ?? throw new ToolException("Give the deployment_id.");

    // What was approved is a SHA; a name that a model gave may lead elsewhere by now.
    private static string CommitOf(ToolCall call)
    {
        var given = Arguments(call);
        return given.ShaToDeploy ?? given.Commit ?? throw new ToolException("Give the commit.");
    }

    private static BackArguments Arguments(ToolCall call) => JsonSerializer.Deserialize(call.Arguments.Text, RollbackJson.Default.BackArguments)!;
}
