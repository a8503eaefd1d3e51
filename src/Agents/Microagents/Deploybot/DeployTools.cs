using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>Deploybot's tools over one target: four that look, two that deploy and are gated.</summary>
internal static class DeployTools
{
    public const string ListCommits = "list_git_commits";
    public const string ListTags = "list_git_tags";
    public const string ListDeployments = "list_vercel_deployments";
    public const string ListRuns = "list_github_workflow_runs";
    public const string PushTag = "tag_push_prod";
    public const string Promote = "promote_vercel_deployment";
    private const int Shown = 10;

    /// <summary>How many are listed when no number is given.</summary>
    public const int Standard = 20;

    private static readonly JsonText Limit = JsonText.Parse(
        """{"type":"object","properties":{"limit":{"type":"integer","minimum":1,"maximum":100,"description":"How many; 20 when left out."}},"additionalProperties":false}""");

    private static readonly JsonText Nothing = JsonText.Parse("""{"type":"object","properties":{},"additionalProperties":false}""");

    private static readonly JsonText Commits = FromTo(
        "new_commit", "previous_commit", "sha",
        "sha", "author", "date", "message", "url", "markdown");

    private static readonly JsonText Deployed = FromTo(
        "vercel_deployment", "previous_deployment", "deployment_id",
        "deployment_id", "git_commit_sha", "url", "status", "created_at", "author", "commit_message", "markdown");

    public static IReadOnlyList<Tool> Of(IDeployTarget target)
    {
        var previews = new DeployPreviews(target);
        return
        [
            new(ListCommits, "Lists the newest commits of the deploy branch, newest first, and which one the backend runs in production.", Limit, Effect.ReadOnly,
                async (call, cancellation) =>
                {
                    var commits = await target.Commits(LimitOf(call, Standard), cancellation).ConfigureAwait(false);
                    var live = await target.LiveBackend(cancellation).ConfigureAwait(false);
                    return Returned(DeployJson.Write(new CommitList(commits, live?.Sha), DeployJson.Default.CommitList));
                }),
            new(ListTags, "Lists the newest tags; the production tag that is live is marked current.", Limit, Effect.ReadOnly,
                async (call, cancellation) => Returned(DeployJson.Write(
                    new TagList(await target.Tags(LimitOf(call, Standard), cancellation).ConfigureAwait(false)), DeployJson.Default.TagList))),
            new(ListDeployments, "Lists the newest production deployments of the frontend; the one that is live is marked current.", Nothing, Effect.ReadOnly,
                async (_, cancellation) =>
                {
                    var all = await target.Deployments(cancellation).ConfigureAwait(false);
                    // After a long pause of promotions the live one may be older than the ten; without it the list would mislead.
                    return Returned(DeployJson.Write(
                        new DeploymentList([.. all.Take(Shown), .. all.Skip(Shown).Where(one => one.Current)]), DeployJson.Default.DeploymentList));
                }),
            new(ListRuns, "Lists the newest runs of one of the two deploy workflows, to see how a deploy is going.", RunsSchema(target.Workflows), Effect.ReadOnly,
                async (call, cancellation) =>
                {
                    var asked = DeployJson.TryRead(call.Arguments, DeployJson.Default.RunsArguments) ?? throw new ToolException("Give the workflow.");
                    var runs = await target.WorkflowRuns(asked.Workflow, asked.Limit ?? 3, cancellation).ConfigureAwait(false);
                    return Returned(DeployJson.Write(new RunList(runs), DeployJson.Default.RunList));
                }),
            new(PushTag, "Deploys a commit to backend production by pushing a production tag. A person approves it first.", Commits, Effect.Effectful,
                async (call, cancellation) => Returned(DeployJson.Write(
                    await target.DeployBackend(Bound(call), call.IdempotencyKey, call.At, cancellation).ConfigureAwait(false), DeployJson.Default.BackendDeploy)))
            {
                Route = Route.Approve, Preview = (call, cancellation) => previews.Push(DeployPreviews.CommitOf(call.Arguments), cancellation),
            },
            new(Promote, "Points frontend production at a deployment that is ready or staged. A person approves it first.", Deployed, Effect.Effectful,
                async (call, cancellation) => Returned(DeployJson.Write(
                    await target.Promote(DeployPreviews.DeploymentOf(call.Arguments), call.IdempotencyKey, cancellation).ConfigureAwait(false), DeployJson.Default.Promotion)))
            {
                Route = Route.Approve, Preview = (call, cancellation) => previews.Promote(DeployPreviews.DeploymentOf(call.Arguments), cancellation),
            },
        ];
    }

    // Without a preview, where policy lets it run ungated, nothing is bound and the commit is what was asked for.
    private static string Bound(ToolCall call) =>
        DeployJson.TryRead(call.Arguments, DeployJson.Default.PushArguments)?.ShaToDeploy ?? DeployPreviews.CommitOf(call.Arguments);

    private static int LimitOf(ToolCall call, int standard) =>
        DeployJson.TryRead(call.Arguments, DeployJson.Default.LimitArguments)?.Limit ?? standard;

    private static ToolOutcome.Returned Returned(JsonText result) => new ToolOutcome.Returned(result);

    private static JsonText RunsSchema(IReadOnlyList<string> workflows) => JsonText.Parse($$"""
        {"type":"object","properties":{
          "workflow":{"type":"string","enum":[{{string.Join(",", workflows.Select(name => JsonText.Of(name).Text))}}]},
          "limit":{"type":"integer","minimum":1,"maximum":20,"description":"How many; 3 when left out."} },
         "required":["workflow"],"additionalProperties":false}
        """);

    /// <summary>What is deployed and what it replaces. Only the key counts; everything else is looked up again.</summary>
    private static JsonText FromTo(string wanted, string replaced, string key, params string[] members)
    {
        var properties = members
            .Select(name => $"\"{name}\":" + (name == key ? """{"type":"string","minLength":1}""" : """{"type":["string","null"]}"""))
            .Concat(key == "sha" ? [""" "tags":{"type":"array","items":{"type":"string"}} """] : []);
        var one = $$"""{"type":"object","properties":{ {{string.Join(",", properties)}} },"required":["{{key}}"]}""";
        return JsonText.Parse($$"""{"type":"object","properties":{"{{wanted}}":{{one}},"{{replaced}}":{{one}} },"required":["{{wanted}}"],"additionalProperties":false}""");
    }
}
