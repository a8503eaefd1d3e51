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
        ("list_git_commits", Effect.ReadOnly), ("list_vercel_deployments", Effect.ReadOnly),
    }.ToDictionary(tool => tool.Item1, tool => new Tool(tool.Item1, "", JsonText.Parse("""{"type":"object"}"""), tool.Item2, (_, _) => throw new InvalidOperationException()));

    public static TheoryData<string> Files() => [.. Fence().Matches(Page()).Select(block => block.Groups["body"].Value)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_agent_file_loads(string file) =>
        Assert.NotEqual(new ContextPolicy(), AgentFile.Parse("docs.agent.md", file, Tools).Context);

    private static string Page()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "AgentMcp.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return File.ReadAllText(Path.Combine(folder, "docs", "context.md")).ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"^```markdown\n(?<body>.*?\n)```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
