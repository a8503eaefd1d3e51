using System.Text.RegularExpressions;
using AgentMcp.Agents.Microagents.Pipeline;
using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.Agents.Tests.Rollback;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Pipeline;

/// <summary>docs/pipeline.md shows what is taken and given, and every way a run can end.</summary>
public sealed partial class The_page_about_the_pipeline : IDisposable
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(AppContext.BaseDirectory), "docs", "pipeline.md")).ReplaceLineEndings("\n");
    private readonly Shop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public void Shows_an_output_a_list_of_checks_and_the_facts_of_a_rollback_as_they_are()
    {
        string[] blocks = [.. Json().Matches(Page).Select(block => block.Groups["text"].Value)];
        var pipeline = Delivery.AgentsOf(_shop)[0];

        Assert.Equal(3, blocks.Length);
        Assert.Null(JsonSchemas.Violation(pipeline.Output, JsonText.Parse(blocks[0])));
        Assert.Null(JsonSchemas.Violation(RolledBack.AgentOf(_shop.Repo).Input, JsonText.Parse(blocks[2])));
        Assert.Equal("dpl_69fdadb", RollbackFacts.From(JsonText.Parse(blocks[2])).Before.Frontend!.DeploymentId);
    }

    [Fact]
    public async Task Its_checks_can_be_run()
    {
        var sha = _shop.Merge("With the checks of the page", checks: Json().Matches(Page)[1].Groups["text"].Value);
        await _shop.World.DeployToStaging(await _shop.World.Resolve(sha, Monorepo.Stop), "thr/call_2", Monorepo.Stop);

        var report = await _shop.World.TestStaging(sha, Monorepo.Stop);

        // The test's own shop has neither that page nor that form of version.
        Assert.Equal((4, "GET /health GET / GET /version"), (report.Tests, string.Join(' ', report.Failed.Select(test => test.Test))));
    }

    [Fact]
    public void Names_every_outcome()
    {
        var outcomes = Delivery.AgentsOf(_shop)[0].Output.Element().GetProperty("properties").GetProperty("outcome").GetProperty("enum");

        Assert.All(outcomes.EnumerateArray(), outcome => Assert.Contains(outcome.GetString()!, Page, StringComparison.Ordinal));
        Assert.Contains(PipelineSettings.StandardChecks, Page, StringComparison.Ordinal);
    }

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "AgentMcp.sln")) ? folder : Root(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("The repository is not above the tests."));

    [GeneratedRegex("```json\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Json();
}
