using System.Text.RegularExpressions;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Tests;

/// <summary>docs/agents.md quotes what is there: its files load, its code is the code, its steps are steps.</summary>
public sealed partial class DocsTests
{
    private static readonly string Root = FindRoot(AppContext.BaseDirectory);
    private static readonly string Page = File.ReadAllText(Path.Combine(Root, "docs", "agents.md")).ReplaceLineEndings("\n");

    public static TheoryData<string> Files() => [.. Fenced("markdown")];

    [Theory]
    [Trait("Accepts", "F2.1")]
    [MemberData(nameof(Files))]
    public void Every_agent_file_loads(string file)
    {
        var folder = Directory.CreateTempSubdirectory("docs-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, file.Contains("\nmodel: sonnet\n", StringComparison.Ordinal) ? "docs.md" : "docs.agent.md"), file);
            var catalog = MicroagentCatalog.Load([], folder, Calculator.Tools.Append(AgentAsTool.Of(TestAgents.Calculator)).ToDictionary(tool => tool.Name));

            Assert.Empty(catalog.Problems);
            Assert.Contains(Assert.Single(catalog.All).Name, new[] { "adder", "bookkeeper", "calculator", "shopkeeper", "sum-checker" });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_calculator_is_the_one_that_ships() =>
        Assert.Contains(File.ReadAllText(Path.Combine(Root, "src", "Agents", "Microagents", "Calculator", "calculator.agent.md")).ReplaceLineEndings("\n"), Fenced("markdown"));

    [Fact]
    public void All_code_is_code_of_this_repository()
    {
        var code = new[] { Path.Combine("src", "Agents", "Microagents", "Calculator", "Calculator.cs"), Path.Combine("tests", "Agents.Tests", "Steps", "One_step_per_turn.cs") }
            .Select(file => File.ReadAllText(Path.Combine(Root, file)).ReplaceLineEndings("\n")).ToList();

        Assert.Equal(2, Fenced("csharp").Count);
        Assert.All(Fenced("csharp"), block => Assert.Contains(code, file => file.Contains(block, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_step_is_a_step() =>
        Assert.All(Fenced("json"), step => Assert.Null(StepReader.Problem(TestAgents.Calculator, step)));

    [Fact]
    public void Every_field_limit_and_standard_intent_has_its_words()
    {
        Assert.All(AgentFile.Fields, field => Assert.Contains($"\n| `{field.Name}` | {field.Meaning} | {field.Otherwise ?? "required"} |\n", Page, StringComparison.Ordinal));
        Assert.All(Tools.StandardIntents.All(Microagent.MessageSchema), intent => Assert.Contains($"| `{intent.Name} {{", Page, StringComparison.Ordinal));
        Assert.Equal(new Limits(20, 3, null, 100_000, 5), new Limits());
    }

    private static List<string> Fenced(string language) =>
        [.. Fence().Matches(Page).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["body"].Value)];

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "AgentMcp.sln")) ? folder : FindRoot(Path.GetDirectoryName(folder)!);

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<body>.*?\n)```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
