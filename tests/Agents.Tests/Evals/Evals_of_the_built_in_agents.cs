using AgentMcp.Agents.Evals;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;

namespace AgentMcp.Agents.Tests.Evals;

/// <summary>
/// The cases that ship beside the agents, played by the agents as they are: with what was said when they were recorded
/// always, and with a live model where AGENTMCP_EVAL_MODEL names one and its key is set.
/// </summary>
public sealed class Evals_of_the_built_in_agents
{
    private const string Recorded = "as recorded";

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var file in Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var model in new[] { Recorded, Environment.GetEnvironmentVariable("AGENTMCP_EVAL_MODEL") }.OfType<string>())
            {
                data.Add(Path.GetRelativePath(Folder, file).Replace('\\', '/'), model);
            }
        }

        return data;
    }

    [Theory]
    [Trait("Accepts", "F2.4")]
    [Trait("Accepts", "DB.5")]
    [MemberData(nameof(Cases))]
    public async Task Every_expectation_holds(string file, string model)
    {
        var recorded = CaseFile.Read(Path.Combine(Folder, file));
        var agent = Agents[recorded.Agent];

        var replayed = model == Recorded
            ? await Replay.Run(recorded, agent, agent)
            : await Live(model).Run(recorded, agent, TestContext.Current.CancellationToken);

        Assert.Null(replayed.Difference);
        Assert.Empty(replayed.Steps.SelectMany(step => step.Samples).SelectMany(sample => sample.Failures));
        Assert.NotEqual(0, replayed.Passed);
    }

    [Fact]
    public void They_are_those_that_were_promised() =>
        Assert.Superset(
            new HashSet<string>
            {
                "Calculator/evals/finished_chain.json", "Calculator/evals/garbled_operand.json", "Calculator/evals/greeting.json", "Calculator/evals/product.json",
                "Deploybot/evals/anything_waiting.json", "Deploybot/evals/daily_check_nothing_stale.json",
                "Deploybot/evals/daily_check_something_stale.json", "Deploybot/evals/latest_commits.json", "Deploybot/evals/latest_commits_at_hand.json",
                "Rollback/evals/nothing_before.json", "Rollback/evals/rejected_without_a_way_on.json", "Rollback/evals/taken_back.json",
            },
            Cases().Select(row => row.Data.Item1).ToHashSet());

    [Fact]
    public void They_are_written_as_cases_are_written() => Assert.All(Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories), file =>
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), CaseFile.Write(CaseFile.Read(file))));

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Microagents");

    private static Dictionary<string, Microagent> Agents { get; } = new()
    {
        ["calculator"] = TestAgents.Calculator,
        ["deploybot"] = Deploying("Deploybot/deploybot", DeploybotRules.Next),
        ["rollback"] = Deploying("Rollback/rollback", RollbackRules.Next),
    };

    private static Microagent Deploying(string name, Agents.Models.Rules rules)
    {
        var nowhere = DeployTarget.From(DeploySettings.From(_ => null), new(), TimeProvider.System);
        return AgentFile.Read(Path.Combine(Folder, name + ".agent.md"), Deploybot.Tools(nowhere).Concat(Microagents.Rollback.Rollback.Tools(nowhere)).ToDictionary(tool => tool.Name), rules);
    }

    private static LiveReplay Live(string model)
    {
        var named = new ModelChoice(new(AnthropicKey: Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY"), OpenAIKey: Environment.GetEnvironmentVariable("OPENAI_API_KEY")), TimeProvider.System).For(model);
        return new(named, named);
    }
}
