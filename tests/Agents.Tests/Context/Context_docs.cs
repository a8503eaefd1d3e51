using System.Text.RegularExpressions;
using AgentMcp.Agents.Context;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Context;

/// <summary>docs/context.md shows files that load.</summary>
public sealed partial class Context_docs
{
    private static readonly Dictionary<string, Tool> Tools = new[]
    {
        ("list_git_commits", Effect.ReadOnly), ("list_vercel_deployments", Effect.ReadOnly), ("list_git_tags", Effect.ReadOnly), ("list_issues", Effect.ReadOnly),
        ("tag_push_prod", Effect.Effectful),
    }.ToDictionary(tool => tool.Item1, tool => new Tool(tool.Item1, "", JsonText.Parse("""{"type":"object"}"""), tool.Item2, (_, _) => throw new InvalidOperationException()));

    public static TheoryData<string> Files() => [.. Fenced("markdown")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_agent_file_loads(string file) =>
        Assert.NotEqual(new ContextPolicy(), AgentFile.Parse("docs.agent.md", file, Tools).Context);

    [Fact]
    public void All_code_is_code_of_these_tests()
    {
        var code = Directory.EnumerateFiles(Path.Combine(Root(), "tests", "Agents.Tests", "Context"), "*.cs").Select(file => File.ReadAllText(file).ReplaceLineEndings("\n")).ToList();

        Assert.Equal(2, Fenced("csharp").Count);
        Assert.All(Fenced("csharp"), block => Assert.Contains(code, file => file.Contains(block, StringComparison.Ordinal)));
    }

    private static List<string> Fenced(string language) =>
        [.. Fence().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "context.md")).ReplaceLineEndings("\n")).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["body"].Value)];

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AgentMcp.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<body>.*?\n)```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
