using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>What holds for production deployments wherever they live.</summary>
internal static class Deployments
{
    /// <exception cref="ToolException">There is none of that id or URL; the message names those there are.</exception>
    public static Deployment Find(IReadOnlyList<Deployment> all, string name) =>
        all.FirstOrDefault(deployment => deployment.DeploymentId == name)
        ?? all.FirstOrDefault(deployment => deployment.Url is { } url && (url == name || url == $"https://{name}"))
        ?? throw new ToolException($"There is no production deployment \"{Readable.FirstLine(name)}\". " + (all.Count == 0
            ? "There are none at all yet."
            : $"The newest are {string.Join(", ", all.Take(5).Select(deployment => deployment.DeploymentId))}; list_vercel_deployments shows them."));

    /// <exception cref="ToolException">Its build is not finished, or failed.</exception>
    public static void CheckPromotable(Deployment deployment)
    {
        if (!deployment.MayBePromoted)
        {
            throw new ToolException(
                $"Deployment {deployment.DeploymentId} is {Readable.FirstLine(deployment.Status)}, and only a ready or staged one may be promoted. Choose another from list_vercel_deployments, or wait until its build is done.");
        }
    }
}
