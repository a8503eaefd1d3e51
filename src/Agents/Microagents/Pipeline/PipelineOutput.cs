using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Microagents.Pipeline;

/// <param name="Commit">What was merged.</param>
internal sealed record PipelineInput(string Commit = "latest")
{
    public static JsonText Schema { get; } = JsonText.Parse("""
        {"type":"object","properties":{"commit":{"type":"string","minLength":1,"description":"What was merged: a SHA, a tag, or latest, which it is when left out."}},
         "additionalProperties":false}
        """);

    public static PipelineInput From(JsonText input) => JsonSerializer.Deserialize(input.Text, PipelineJson.Default.PipelineInput)!;
}

[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
internal enum Outcome
{
    /// <summary>Staging failed its tests; no agent was called.</summary>
    [JsonStringEnumMemberName("staging_failed")]
    StagingFailed,

    /// <summary>Production is what it was, because nobody approved or nothing had to be deployed.</summary>
    [JsonStringEnumMemberName("not_deployed")]
    NotDeployed,

    [JsonStringEnumMemberName("deployed")]
    Deployed,

    /// <summary>Production failed its tests, and is what it was before.</summary>
    [JsonStringEnumMemberName("rolled_back")]
    RolledBack,

    /// <summary>Production failed its tests and passes them now, without being all that it was before.</summary>
    [JsonStringEnumMemberName("recovered")]
    Recovered,

    /// <summary>Production fails its tests, or could not be looked at, and a person left it so.</summary>
    [JsonStringEnumMemberName("left_failing")]
    LeftFailing,
}

/// <param name="Production">What is live now; nothing of it where that could not be looked at.</param>
/// <param name="FailedTests">Of staging or of production, whichever was tested last.</param>
internal sealed record PipelineOutput(Outcome Outcome, string Sha, InProduction Production, IReadOnlyList<FailedTest> FailedTests, string Message)
{
    public static JsonText Schema { get; } = JsonText.Parse("""
        {"type":"object","properties":{
          "outcome":{"type":"string","enum":["staging_failed","not_deployed","deployed","rolled_back","recovered","left_failing"]},
          "sha":{"type":"string"},
          "production":{"type":"object","description":"What is live now.","properties":{
            "backend":{"type":"object","properties":{"sha":{"type":"string"}},"required":["sha"]},
            "frontend":{"type":"object","properties":{"deployment_id":{"type":"string"},"sha":{"type":"string"}},"required":["deployment_id"]}}},
          "failed_tests":{"type":"array","items":{"type":"object","properties":{"test":{"type":"string"},"why":{"type":"string"}},"required":["test","why"]}},
          "message":{"type":"string"}},
         "required":["outcome","sha","production","failed_tests","message"],"additionalProperties":false}
        """);

    public JsonText ToJson() => JsonText.Parse(JsonSerializer.Serialize(this, PipelineJson.Default.PipelineOutput));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PipelineInput))]
[JsonSerializable(typeof(PipelineOutput))]
internal sealed partial class PipelineJson : JsonSerializerContext;
