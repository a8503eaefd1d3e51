using System.Text.Json.Serialization;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>What is read of GitHub's and Vercel's answers; their other members are left alone. Names that are not snake case say so.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<WireCommit>))]
[JsonSerializable(typeof(List<WireTag>))]
[JsonSerializable(typeof(List<WireRef>))]
[JsonSerializable(typeof(WireComparison))]
[JsonSerializable(typeof(WireRuns))]
[JsonSerializable(typeof(WireDispatch))]
[JsonSerializable(typeof(WireDeployments))]
[JsonSerializable(typeof(WireProject))]
[JsonSerializable(typeof(WireError))]
internal sealed partial class WireJson : JsonSerializerContext;

internal sealed record WireCommit(string Sha, string? HtmlUrl, WireCommitFacts Commit);

internal sealed record WireCommitFacts(string Message, WireSignature? Author, WireSignature? Committer);

internal sealed record WireSignature(string? Name, DateTimeOffset Date);

internal sealed record WireTag(string Name, WireObject Commit);

internal sealed record WireObject(string Sha);

internal sealed record WireRef(string Ref);

internal sealed record WireComparison(string Status);

internal sealed record WireRuns(List<WireRun> WorkflowRuns);

internal sealed record WireRun(
    long Id, string? Status, string? Conclusion, string HeadSha, string? HtmlUrl, DateTimeOffset CreatedAt, WireActor? Actor, string? DisplayTitle);

internal sealed record WireActor(string? Login);

internal sealed record WireDispatch(string Ref, WireDispatchInputs Inputs);

internal sealed record WireDispatchInputs(string ShaToDeploy);

internal sealed record WireDeployments(List<WireDeployment> Deployments);

internal sealed record WireDeployment(
    string Uid, string? Url, long Created, string? State, string? Target, WireMeta? Meta, WireCreator? Creator,
    [property: JsonPropertyName("readyState")] string? ReadyState,
    [property: JsonPropertyName("readySubstate")] string? ReadySubstate);

internal sealed record WireMeta(
    [property: JsonPropertyName("githubCommitSha")] string? Sha,
    [property: JsonPropertyName("githubCommitMessage")] string? Message,
    [property: JsonPropertyName("githubCommitAuthorName")] string? Author);

internal sealed record WireCreator(string? Username);

internal sealed record WireProject(WireTargets? Targets);

internal sealed record WireTargets(WireProduction? Production);

internal sealed record WireProduction(string? Id);

internal sealed record WireError(string? Message, WireInnerError? Error);

internal sealed record WireInnerError(string? Message);
