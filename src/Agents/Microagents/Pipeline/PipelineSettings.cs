namespace AgentMcp.Agents.Microagents.Pipeline;

/// <summary>Where the pipeline finds what it deploys and tests. The repository and the releases are deploybot's.</summary>
/// <param name="Staging">Where staging is reached; null means the pipeline is not set up.</param>
/// <param name="Production">Where production is reached.</param>
/// <param name="Checks">The file of the repository that lists the tests.</param>
/// <param name="Frontend">The folder of the repository that a frontend build is made of.</param>
/// <param name="Settle">How long to wait before tests of production that fail are run once more; null for not at all.</param>
public sealed record PipelineSettings(
    Uri? Staging, Uri? Production, string Checks = PipelineSettings.StandardChecks, string Frontend = PipelineSettings.WholeRepository, TimeSpan? Settle = null)
{
    public const string StandardChecks = "checks.json";
    public const string WholeRepository = ".";
}
