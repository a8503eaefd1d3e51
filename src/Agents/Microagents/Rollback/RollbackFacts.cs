using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Microagents.Rollback;

/// <summary>All that a rollback is told: its typed input. It looks nothing of this up in the history of the deploy.</summary>
/// <param name="Sha">The commit whose deploy is to be taken back.</param>
/// <param name="Deployed">What that deploy put into production; a part it left alone is null.</param>
/// <param name="Before">What those parts were before; null where there was nothing yet.</param>
public sealed record RollbackFacts(string Sha, InProduction Deployed, InProduction Before, IReadOnlyList<FailedTest> FailedTests)
{
    public JsonText ToJson() => JsonText.Parse(JsonSerializer.Serialize(this, RollbackJson.Default.RollbackFacts));

    /// <summary>The input of a thread, which was checked against the agent's schema when it was started.</summary>
    public static RollbackFacts From(JsonText input) => JsonSerializer.Deserialize(input.Text, RollbackJson.Default.RollbackFacts)!;
}

/// <summary>What production serves, both parts as the deploy target tells them.</summary>
public sealed record InProduction(BackendCommit? Backend, FrontendBuild? Frontend)
{
    /// <summary>The parts of this that are not the same in the other.</summary>
    public InProduction WhereNot(InProduction other) => new(Backend == other.Backend ? null : Backend, Frontend == other.Frontend ? null : Frontend);
}

public sealed record BackendCommit(string Sha);

/// <param name="Sha">The commit it was built from, where that is known.</param>
public sealed record FrontendBuild(string DeploymentId, string? Sha);

public sealed record FailedTest(string Test, string Why);

/// <summary>The JSON of the rollback's input and of its tools: snake case, nothing for null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RollbackFacts))]
[JsonSerializable(typeof(BackArguments))]
internal sealed partial class RollbackJson : JsonSerializerContext;

/// <summary>What either tool is given: one name from the model, or what the preview bound.</summary>
internal sealed record BackArguments(string? DeploymentId, string? Commit, string? ShaToDeploy);
