using System.Text.RegularExpressions;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Models;

/// <summary>docs/models.md says what is there: its files load, its sentences are the program's.</summary>
public sealed partial class Models_docs
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "models.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Its_price_table_is_read()
    {
        using var file = new PriceFile(Blocks("json").Single(block => block.Contains("\"models\"", StringComparison.Ordinal)));
        var prices = Prices.Read(file.Path);

        Assert.Equal(new Price(1.5m, 7.5m, 0.15m), prices.Of("anthropic:claude-sonnet-5-5"));
        Assert.Equal(0, prices.Of("openai:llama-3.3-70b")!.Of(new(1000, 1000)).Microdollars);
        Assert.Equal(new Price(2m, 8m, null, new(200_000, 4m, 16m)), prices.Of("azure:our-gpt"));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task Its_agent_loads_and_asks_in_its_words_when_its_money_is_nearly_gone()
    {
        var tidier = Tidier();
        Assert.Equal(new Limits(Steps: 12, Tokens: 60_000, Cost: 0.50m, Time: TimeSpan.FromMinutes(30), Reply: 2000), tidier.Limits);

        var model = new CostlyModel(new ScriptedModel("no step"), new(1000, 500, Microdollars: 30_000), new(1000, 100, Microdollars: 480_000));
        await using var bench = new AgentBench(tidier, model);
        var log = await bench.Start("sort it");

        Assert.Contains($"`{log.Thread.OpenRequests[0].Asked.Question}`", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_line_to_a_caller_is_the_one_a_caller_reads() =>
        Assert.Contains($"\n{Blocks("").Single(block => block.StartsWith("To answer", StringComparison.Ordinal))}\n",
            CallerPrompt.Of(TestAgents.Calculator, [Logs.Started("""{"message":"add 1 and 2"}""")]), StringComparison.Ordinal);

    [Fact]
    public void Its_limits_are_kept_in_the_definition_of_a_thread_and_change_no_hash_where_they_are_not_set()
    {
        var tidier = Tidier();

        Assert.Equal(tidier.Limits, Definition.Restore(Definition.Of(tidier).Json, tidier with { Limits = new() }).Limits);
        Assert.DoesNotContain("cost", Definition.Of(tidier with { Limits = new() }).Json.Text, StringComparison.Ordinal);
    }

    private static Microagent Tidier() => AgentFile.Parse("tidier.agent.md", Blocks("markdown").Single(), new Dictionary<string, Tool>());

    private static IEnumerable<string> Blocks(string language) =>
        Fence().Matches(Page).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value.TrimEnd('\n'));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AgentMcp.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
