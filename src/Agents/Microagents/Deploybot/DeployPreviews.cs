using System.Text;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>
/// What a deploy would do, looked up now: the names a model gave are resolved, what is live comes from the target.
/// Nothing in a preview depends on the time or on anything but the world and the resolved name, so that it is the same
/// until the world changes, and then approval is asked again.
/// </summary>
/// <param name="back">For a rollback, which goes back in history on purpose and never forward.</param>
internal sealed class DeployPreviews(IDeployTarget target, bool back = false)
{
    public static string CommitOf(JsonText arguments) =>
        DeployJson.TryRead(arguments, DeployJson.Default.PushArguments)?.NewCommit?.Sha
        ?? throw new ToolException("Give new_commit with its sha.");

    public static string DeploymentOf(JsonText arguments) =>
        DeployJson.TryRead(arguments, DeployJson.Default.PromoteArguments)?.VercelDeployment?.DeploymentId
        ?? throw new ToolException("Give vercel_deployment with its deployment_id.");

    /// <param name="name">A SHA, the start of one, or a tag.</param>
    public async Task<Preview> Push(string name, CancellationToken cancellation)
    {
        var wanted = await target.Resolve(name, cancellation).ConfigureAwait(false);
        var live = await target.LiveBackend(cancellation).ConfigureAwait(false);
        if (live?.Sha == wanted.Sha)
        {
            throw new ToolException($"Commit {Readable.Short(wanted.Sha)} is already in production; there is nothing to deploy to the backend.");
        }

        if (back && (live is null || await target.IsOlder(live.Sha, wanted.Sha, cancellation).ConfigureAwait(false)))
        {
            throw NoWayBack($"Commit {Readable.Short(wanted.Sha)}", live is null ? "there is none" : Readable.Short(live.Sha));
        }

        var older = live is not null && await target.IsOlder(wanted.Sha, live.Sha, cancellation).ConfigureAwait(false);
        var now = live is null ? "nothing yet" : Readable.Short(live.Sha);
        return new(
            DeployJson.Write(new BoundPush(wanted, live, wanted.Sha), DeployJson.Default.BoundPush),
            back ? $"Roll backend production back to {Readable.Short(wanted.Sha)} (now {now})?" : $"Deploy {Readable.Short(wanted.Sha)} to backend production (now {now})?",
            Context("Backend production", live?.Markdown, wanted.Markdown, older ? "commit" : null));
    }

    /// <param name="name">The id of a deployment, or its URL.</param>
    public async Task<Preview> Promote(string name, CancellationToken cancellation)
    {
        var all = await target.Deployments(cancellation).ConfigureAwait(false);
        var wanted = Deployments.Find(all, name);
        if (wanted.Current)
        {
            throw new ToolException($"Deployment {wanted.DeploymentId} is already in production; there is nothing to promote.");
        }

        Deployments.CheckPromotable(wanted);
        var live = all.FirstOrDefault(one => one.Current);
        if (back && (live is null || wanted.CreatedAt > live.CreatedAt))
        {
            throw NoWayBack($"Deployment {wanted.DeploymentId}", live?.DeploymentId ?? "there is none");
        }

        var now = live is null ? "nothing yet" : $"{live.DeploymentId}, {Readable.Short(live.GitCommitSha)}";
        var what = $"deployment {wanted.DeploymentId} ({Readable.Short(wanted.GitCommitSha)})";
        return new(
            DeployJson.Write(new BoundPromotion(wanted, live, wanted.DeploymentId, wanted.GitCommitSha), DeployJson.Default.BoundPromotion),
            back ? $"Roll frontend production back to {what} (now {now})?" : $"Promote {what} to frontend production (now {now})?",
            Context("Frontend production", live?.Markdown, wanted.Markdown, wanted.CreatedAt < live?.CreatedAt ? "deployment" : null));
    }

    private static ToolException NoWayBack(string what, string live) =>
        new($"{what} is not older than what is live ({live}), and a rollback only goes back. Name what was there before, or ask a person.");

    private string Context(string what, string? from, string to, string? older)
    {
        var text = new StringBuilder($"**{what}**\n\n- from: {from ?? "nothing yet"}\n- to: {to}\n");
        if (older is not null)
        {
            text.Append(back
                ? $"\nThis {older} is older than what is live, as a rollback means it to be.\n"
                : $"\n**Careful: this {older} is older than what is live.** Approving takes production back in history.\n");
        }

        return text.ToString();
    }
}
