using System.Text.Json.Nodes;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>
/// Deploybot without a model: understands plain requests ("deploy the latest commit to production", "what is live?")
/// and the answers people give ("deploy the backend first"). Looks first, proposes one part at a time, and after any
/// failure asks or ends instead of trying again by itself.
/// </summary>
public static class DeploybotRules
{
    private const string Examples =
        "I can deploy to production (\"deploy the latest commit to production\", \"deploy SHA <sha>\", \"deploy the backend\", \"deploy the frontend\"), "
        + "say what is live, show the latest commits, and tell whether anything waits to be deployed. What would you like?";

    public static string Next(ThreadLog log)
    {
        var talk = Conversation.Of(log.Events);
        return talk switch
        {
            // Without a frontend that can be looked at, commits can still be told.
            { Failure: (DeployTools.ListDeployments, _), Wish: Wish.WhatWaits or Wish.WhatIsLive } => Answer(talk),
            { Failure: ({ } intent, { } error) } => Say("request_more_information",
                $"{Soon(talk)}{intent} failed: {error.TrimEnd('.')}. Nothing else was deployed. Say \"try again\" when it is mended, or tell me what to do instead."),
            { Stopped: { } why } => Say("done_for_now", talk.Done.Count == 0 ? $"Nothing was deployed: {why}." : $"{Soon(talk)}Nothing else was deployed: {why}."),
            { Wish: Wish.Unclear } => Say("request_more_information", Examples),
            { Wish: Wish.Nothing } => Say("done_for_now", "Nothing was deployed."),
            { Wish: Wish.ToStaging } => Say("done_for_now", "Nothing was deployed: staging follows every merge by itself, and I only deploy to production."),
            { Wish: Wish.ShowCommits show } when !talk.Shows(show.Count) => List(DeployTools.ListCommits, show.Count),
            { Commits: null } => List(DeployTools.ListCommits, 20),
            { Wish: Wish.ShowCommits show, Commits: { } found } => Say("done_for_now",
                found.Commits.Count == 0 ? "There are no commits yet." : string.Join("\n", found.Commits.Take(show.Count).Select(one => $"- {one.Markdown}").Prepend("The latest commits:"))),
            { Wish: Wish.Deploy deploy } => Propose(talk, deploy),
            { Deployments: null } => List(DeployTools.ListDeployments),
            _ => Answer(talk),
        };
    }

    private static string Answer(Conversation talk) => talk.Wish switch
    {
        Wish.WhatIsLive => Say("done_for_now", Sentences.Live(talk.Commits!, talk.Deployments) + Unseen(talk)),
        Wish.WhatWaits { Routine: true } => Sentences.Waiting(talk.Commits!, talk.Deployments) is { } waiting
            ? Say("request_more_information", $"{waiting}{Unseen(talk)}\n\nShall I deploy the latest to production?")
            : Say("nothing_to_do", "Production is up to date." + Unseen(talk)),
        _ => Say("done_for_now", (Sentences.Waiting(talk.Commits!, talk.Deployments) ?? "Nothing waits to be deployed: production is up to date.") + Unseen(talk)),
    };

    private static string Propose(Conversation talk, Wish.Deploy wanted)
    {
        foreach (var part in wanted.Order.Where(part => !talk.Dealt.Contains(part)))
        {
            if (part == Part.Frontend && talk.Deployments is null)
            {
                return List(DeployTools.ListDeployments);
            }

            if ((part == Part.Backend ? Backend(talk, wanted) : Frontend(talk, wanted)) is { } step)
            {
                return step;
            }
        }

        return Say("done_for_now", string.Join("\n", talk.Done));
    }

    /// <summary>The step that deploys the backend, or null with a word on why none is needed.</summary>
    private static string? Backend(Conversation talk, Wish.Deploy wanted)
    {
        var (commits, commit) = (talk.Commits!, Choice.Named(talk.Commits!, wanted.Commit));
        if (commit is null && wanted.Commit is null)
        {
            return Skip(talk, "Backend: there are no commits to deploy.");
        }

        if (commit is not null && commit.Sha == commits.BackendInProduction)
        {
            return Skip(talk, $"Backend: {Readable.Short(commit.Sha)} is already in production.{(commit.Url is null ? "" : $" {commit.Url}")}");
        }

        var step = new JsonObject { ["intent"] = DeployTools.PushTag, ["new_commit"] = commit is null ? new JsonObject { ["sha"] = wanted.Commit } : Json(commit) };
        if (commits.Commits.FirstOrDefault(one => one.Sha == commits.BackendInProduction) is { } live)
        {
            step["previous_commit"] = Json(live);
        }

        return step.ToJsonString();
    }

    private static string? Frontend(Conversation talk, Wish.Deploy wanted)
    {
        var list = talk.Deployments!;
        var build = wanted.Commit is null ? Choice.NewestBuild(list) : Choice.BuildOf(list, Choice.Named(talk.Commits!, wanted.Commit)?.Sha ?? wanted.Commit);
        if (build is null or { Current: true })
        {
            return Skip(talk, build is not null ? $"Frontend: {build.DeploymentId} is already in production."
                : wanted.Commit is null ? "Frontend: no newer build is ready, so production stays as it is."
                : $"Frontend: there is no finished build of {Readable.Short(wanted.Commit)}, so production stays as it is.");
        }

        var step = new JsonObject { ["intent"] = DeployTools.Promote, ["vercel_deployment"] = Json(build) };
        if (list.Deployments.FirstOrDefault(one => one.Current) is { } live)
        {
            step["previous_deployment"] = Json(live);
        }

        return step.ToJsonString();
    }

    private static string? Skip(Conversation talk, string why)
    {
        talk.Done.Add(why);
        return null;
    }

    private static string Soon(Conversation talk) => talk.Done.Count == 0 ? "" : string.Join("\n", talk.Done) + "\n";

    private static string Unseen(Conversation talk) => talk.Failure is (_, { } error) ? $"\nThe frontend could not be looked at: {error}" : "";

    private static string List(string intent, int? limit = null)
    {
        var step = new JsonObject { ["intent"] = intent };
        if (limit is { } count)
        {
            step["limit"] = count;
        }

        return step.ToJsonString();
    }

    private static string Say(string intent, string message) => new JsonObject { ["intent"] = intent, ["message"] = message }.ToJsonString();

    private static JsonNode Json(Commit commit) => JsonNode.Parse(DeployJson.Write(commit, DeployJson.Default.Commit).Text)!;

    private static JsonNode Json(Deployment deployment) => JsonNode.Parse(DeployJson.Write(deployment, DeployJson.Default.Deployment).Text)!;
}
