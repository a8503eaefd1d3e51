using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>The JSON of deploybot's tools: snake case, nothing for null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LimitArguments))]
[JsonSerializable(typeof(RunsArguments))]
[JsonSerializable(typeof(PushArguments))]
[JsonSerializable(typeof(PromoteArguments))]
[JsonSerializable(typeof(BoundPush))]
[JsonSerializable(typeof(BoundPromotion))]
[JsonSerializable(typeof(CommitList))]
[JsonSerializable(typeof(TagList))]
[JsonSerializable(typeof(DeploymentList))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(BackendDeploy))]
[JsonSerializable(typeof(Promotion))]
[JsonSerializable(typeof(Release))]
[JsonSerializable(typeof(PastPromotion))]
internal sealed partial class DeployJson : JsonSerializerContext
{
    public static JsonText Write<T>(T value, JsonTypeInfo<T> type) => JsonText.Parse(JsonSerializer.Serialize(value, type));

    /// <summary>The value, or null when the JSON is something else.</summary>
    public static T? TryRead<T>(JsonText json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json.Text, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record LimitArguments(int? Limit);

internal sealed record RunsArguments(string Workflow, int? Limit);

internal sealed record CommitName(string Sha);

internal sealed record DeploymentName(string DeploymentId);

/// <param name="ShaToDeploy">Only there once the preview has bound it.</param>
internal sealed record PushArguments(CommitName NewCommit, string? ShaToDeploy);

internal sealed record PromoteArguments(DeploymentName VercelDeployment);

internal sealed record BoundPush(Commit NewCommit, Commit? PreviousCommit, string ShaToDeploy);

internal sealed record BoundPromotion(Deployment VercelDeployment, Deployment? PreviousDeployment, string DeploymentId, string? NewDeploymentSha);

/// <param name="BackendInProduction">The SHA of what the backend runs now.</param>
internal sealed record CommitList(IReadOnlyList<Commit> Commits, string? BackendInProduction);

internal sealed record TagList(IReadOnlyList<GitTag> Tags);

internal sealed record DeploymentList(IReadOnlyList<Deployment> Deployments);

internal sealed record RunList(IReadOnlyList<WorkflowRun> Runs);
