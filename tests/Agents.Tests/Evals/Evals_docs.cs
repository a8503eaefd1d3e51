using System.Text.RegularExpressions;
using AgentMcp.Agents.Evals;
using AgentMcp.Agents.Tests.Bench;

namespace AgentMcp.Agents.Tests.Evals;

/// <summary>docs/evals.md quotes what is there: its case runs, its matchers are the matchers.</summary>
public sealed partial class Evals_docs
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(AppContext.BaseDirectory), "docs", "evals.md")).ReplaceLineEndings("\n");

    [Fact]
    public async Task The_case_runs_and_holds()
    {
        var recorded = CaseFile.Parse("docs.json", Fence().Match(Page).Groups["body"].Value);

        var replayed = await Cases.Replay(recorded, TestAgents.Calculator);

        Assert.Null(replayed.Difference);
        Assert.Equal((6, 0), (replayed.Passed, replayed.Failed));
    }

    [Fact]
    public void Every_matcher_has_its_words() =>
        Assert.All(Assertion.Matchers.Keys, matcher => Assert.Contains($"`{matcher}`", Page, StringComparison.Ordinal));

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "AgentMcp.sln")) ? folder : Root(Path.GetDirectoryName(folder)!);

    [GeneratedRegex(@"^```json\n(?<body>.*?\n)```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
