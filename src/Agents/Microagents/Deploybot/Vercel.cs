using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>The frontend on Vercel: production deployments, and pointing production at one of them without a new build.</summary>
internal sealed class Vercel(VercelSettings settings, HttpClient http)
{
    private readonly RestApi _api = new(http, "Vercel", settings.Api, settings.Token);

    private string Project => Uri.EscapeDataString(settings.Project);

    private string Team => settings.Team is null ? "" : $"teamId={Uri.EscapeDataString(settings.Team)}";

    public async Task<IReadOnlyList<Deployment>> List(CancellationToken cancellation)
    {
        // Filtered there too, or a busy day of previews would push production out of the hundred.
        var answer = await _api.Get(Query("/v6/deployments", $"projectId={Project}", "target=production", "limit=100"), WireJson.Default.WireDeployments, cancellation).ConfigureAwait(false);
        var production = answer.Deployments.Where(one => one.Target == "production").OrderByDescending(one => one.Created).ToList();
        var current = await Current([.. production.Where(one => one.ReadySubstate == "PROMOTED")], cancellation).ConfigureAwait(false);
        return [.. production.Select(one => new Deployment(
            one.Uid, one.Meta?.Sha, one.Url is { Length: > 0 } host ? $"https://{host}" : null, Status(one),
            DateTimeOffset.FromUnixTimeMilliseconds(one.Created), one.Meta?.Author ?? one.Creator?.Username, one.Meta?.Message, one.Uid == current))];
    }

    public async Task<Promotion> Promote(string deploymentId, CancellationToken cancellation)
    {
        var chosen = Deployments.Find(await List(cancellation).ConfigureAwait(false), deploymentId);
        if (chosen.Current)
        {
            return new(chosen.DeploymentId, chosen.GitCommitSha, chosen.Url, "Production already served it; nothing was promoted.");
        }

        Deployments.CheckPromotable(chosen);
        await _api.Post(Query($"/v10/projects/{Project}/promote/{Uri.EscapeDataString(chosen.DeploymentId)}"), null, cancellation).ConfigureAwait(false);
        return new(chosen.DeploymentId, chosen.GitCommitSha, chosen.Url, "Vercel accepted it and switches traffic within a minute or so; list_vercel_deployments shows when it is current.");
    }

    // PROMOTED means a deployment has served production at some time. With several of them only the project knows which does now.
    private async Task<string?> Current(List<WireDeployment> promoted, CancellationToken cancellation)
    {
        if (promoted.Count < 2)
        {
            return promoted.FirstOrDefault()?.Uid;
        }

        var project = await _api.Get(Query($"/v9/projects/{Project}"), WireJson.Default.WireProject, cancellation).ConfigureAwait(false);
        return project.Targets?.Production?.Id ?? promoted[0].Uid;
    }

    private static string Status(WireDeployment one) => (one.ReadyState ?? one.State, one.ReadySubstate) switch
    {
        ("READY", "STAGED") => "staged",
        ("READY", "ROLLING") => "rolling",
        var (state, _) => state?.ToLowerInvariant() ?? "unknown",
    };

    private string Query(string path, params string[] parts)
    {
        var query = string.Join("&", parts.Append(Team).Where(part => part.Length > 0));
        return query.Length == 0 ? path : $"{path}?{query}";
    }
}
