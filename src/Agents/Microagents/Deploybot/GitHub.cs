using System.Net;
using System.Text.Json;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>
/// The backend on GitHub. It is deployed by dispatching the backend workflow with the SHA it is to tag and push; what
/// is live is the newest production tag.
/// </summary>
internal sealed class GitHub(GitHubSettings settings, HttpClient http, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private const int Looks = 8;

    // The version in which a dispatch answers 204 with nothing in it.
    private readonly RestApi _api = new(http, "GitHub", settings.Api, settings.Token, headers =>
    {
        headers.Add("Accept", "application/vnd.github+json");
        headers.Add("X-GitHub-Api-Version", "2022-11-28");
    });

    public IReadOnlyList<string> Workflows => [settings.BackendWorkflow, settings.FrontendWorkflow];

    private string Repository => $"/repos/{settings.Repository}";

    public async Task<IReadOnlyList<Commit>> Commits(int limit, CancellationToken cancellation)
    {
        var commits = await _api.Get($"{Repository}/commits?sha={Escape(settings.Branch)}&per_page={limit}", WireJson.Default.ListWireCommit, cancellation).ConfigureAwait(false);
        var tags = await TagNames(cancellation).ConfigureAwait(false);
        return [.. commits.Select(commit => Read(commit, tags))];
    }

    public async Task<IReadOnlyList<GitTag>> Tags(int limit, CancellationToken cancellation)
    {
        var tags = await _api.Get($"{Repository}/tags?per_page={limit}", WireJson.Default.ListWireTag, cancellation).ConfigureAwait(false);
        var live = await NewestProductionTag(cancellation).ConfigureAwait(false);
        return [.. tags.Select(tag => new GitTag(tag.Name, tag.Commit.Sha, CommitNames.IsProduction(tag.Name), tag.Name == live))];
    }

    public async Task<Commit> Resolve(string name, CancellationToken cancellation)
    {
        CommitNames.Check(name);
        var reference = name == CommitNames.Latest ? settings.Branch : name;
        var commit = await TryFind(reference, cancellation).ConfigureAwait(false) ?? throw CommitNames.Unknown(name, settings.Repository);
        return await Contains(settings.Branch, commit.Sha, cancellation).ConfigureAwait(false) ? commit : throw CommitNames.NotOnBranch(commit.Sha, settings.Branch);
    }

    public async Task<Commit?> Live(CancellationToken cancellation) =>
        await NewestProductionTag(cancellation).ConfigureAwait(false) is { } tag ? await TryFind(tag, cancellation).ConfigureAwait(false) : null;

    public async Task<bool> IsOlder(string sha, string than, CancellationToken cancellation) =>
        sha != than && await Contains(than, sha, cancellation).ConfigureAwait(false);

    public async Task<IReadOnlyList<WorkflowRun>> Runs(string workflow, int limit, CancellationToken cancellation, string filter = "")
    {
        if (!Workflows.Contains(workflow))
        {
            throw new ToolException($"There is no deploy workflow \"{Readable.FirstLine(workflow)}\"; there are {string.Join(" and ", Workflows)}.");
        }

        var runs = await _api.Get($"{Repository}/actions/workflows/{Escape(workflow)}/runs?per_page={limit}{filter}", WireJson.Default.WireRuns, cancellation).ConfigureAwait(false);
        return [.. runs.WorkflowRuns.Select(run => new WorkflowRun(
            $"{run.Id}", workflow, run.Status ?? "unknown", run.Conclusion, run.HeadSha, run.HtmlUrl, run.CreatedAt.ToUniversalTime(), run.Actor?.Login, run.DisplayTitle))];
    }

    public async Task<BackendDeploy> Deploy(string sha, CancellationToken cancellation)
    {
        var commit = await Resolve(sha, cancellation).ConfigureAwait(false);
        var before = (await Dispatched(cancellation).ConfigureAwait(false)).Select(run => run.Id).ToHashSet();
        var body = JsonSerializer.Serialize(new WireDispatch(settings.Branch, new(commit.Sha)), WireJson.Default.WireDispatch);
        var status = await _api.Post($"{Repository}/actions/workflows/{Escape(settings.BackendWorkflow)}/dispatches", body, cancellation).ConfigureAwait(false);
        if (status != HttpStatusCode.NoContent)
        {
            throw new OutcomeUnknownException($"GitHub answered {(int)status} instead of 204 to the dispatch of {settings.BackendWorkflow}, so it is not known whether it was started.");
        }

        var (run, note) = await Started(before, cancellation).ConfigureAwait(false);
        return new(commit.Sha, null, null, commit.Url, run, note);
    }

    /// <summary>The run that was not there before. Once it is dispatched nothing here may fail: not seeing it is a note.</summary>
    private async Task<(WorkflowRun? Run, string? Note)> Started(HashSet<string> before, CancellationToken cancellation)
    {
        var why = "no new run was seen yet";
        for (var look = 0; look < Looks; look++)
        {
            await Task.Delay(Pause, clock, cancellation).ConfigureAwait(false);
            try
            {
                var fresh = (await Dispatched(cancellation).ConfigureAwait(false)).Where(run => !before.Contains(run.Id)).ToList();
                switch (fresh.Count)
                {
                    case 1:
                        return (fresh[0], null);
                    case > 1:
                        return (null, $"{settings.BackendWorkflow} was started, but so were others at the same time; it is one of {string.Join(", ", fresh.Select(run => run.Url ?? run.Id))}.");
                }
            }
            catch (ToolException e)
            {
                why = e.Message;
            }
        }

        return (null, $"{settings.BackendWorkflow} was started, but {why}. Look for it with list_github_workflow_runs.");
    }

    private Task<IReadOnlyList<WorkflowRun>> Dispatched(CancellationToken cancellation) =>
        Runs(settings.BackendWorkflow, 20, cancellation, $"&event=workflow_dispatch&branch={Escape(settings.Branch)}");

    private async Task<Commit?> TryFind(string reference, CancellationToken cancellation)
    {
        var commit = await _api.TryGet($"{Repository}/commits/{Escape(reference)}", WireJson.Default.WireCommit, cancellation).ConfigureAwait(false);
        return commit is null ? null : Read(commit, await TagNames(cancellation).ConfigureAwait(false));
    }

    private async Task<bool> Contains(string head, string sha, CancellationToken cancellation)
    {
        var comparison = await _api.Get($"{Repository}/compare/{Escape(sha)}...{Escape(head)}?per_page=1", WireJson.Default.WireComparison, cancellation).ConfigureAwait(false);
        return comparison.Status is "ahead" or "identical";
    }

    // Asked for by prefix, because other tags could push the production ones out of a page of all tags.
    private async Task<string?> NewestProductionTag(CancellationToken cancellation)
    {
        var references = await _api.Get($"{Repository}/git/matching-refs/tags/{CommitNames.ProductionPrefix}", WireJson.Default.ListWireRef, cancellation).ConfigureAwait(false);
        return references.Select(reference => reference.Ref["refs/tags/".Length..]).Where(CommitNames.IsProduction).Max(StringComparer.Ordinal);
    }

    private async Task<ILookup<string, string>> TagNames(CancellationToken cancellation) =>
        (await _api.Get($"{Repository}/tags?per_page=100", WireJson.Default.ListWireTag, cancellation).ConfigureAwait(false))
            .ToLookup(tag => tag.Commit.Sha, tag => tag.Name);

    private static Commit Read(WireCommit wire, ILookup<string, string> tags) => new(
        wire.Sha, wire.Commit.Author?.Name ?? "unknown", (wire.Commit.Committer ?? wire.Commit.Author)?.Date.ToUniversalTime() ?? default,
        wire.Commit.Message.Trim(), wire.HtmlUrl, [.. tags[wire.Sha].Order(StringComparer.Ordinal)]);

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
