using System.Text.RegularExpressions;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>docs/workflows.md shows code that is here, and names every operation there is.</summary>
public sealed class The_page_about_workflows
{
    private static readonly string Root = FindRoot(AppContext.BaseDirectory);
    private static readonly string Page = File.ReadAllText(Path.Combine(Root, "docs", "workflows.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Its_code_is_code_of_this_repository()
    {
        var code = File.ReadAllText(Path.Combine(Root, "tests", "Agents.Tests", "Workflows", "Buying.cs")).ReplaceLineEndings("\n");
        Assert.Contains(Assert.Single(Regex.Matches(Page, "^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)).Groups[1].Value, code, StringComparison.Ordinal);
    }

    [Fact]
    public void It_names_every_operation() =>
        Assert.All(typeof(Run).GetMethods().Where(method => method.DeclaringType == typeof(Run) && !method.IsSpecialName).Select(method => method.Name).Distinct(),
            operation => Assert.Matches($"`{operation}(<T>)?\\(", Page));

    [Fact]
    public async Task Its_shop_buys_once()
    {
        List<string> paid = [];
        await using var bench = new AgentBench(Buying.Shop((item, key) =>
        {
            paid.Add($"{item} {key[^7..]}");
            return Task.CompletedTask;
        }), Shop.Plays);

        var log = await bench.Answer(await bench.Answer(await bench.Start(JsonText.Parse("""{"item":"tea"}""")), response: "quickly"), approved: true);
        Assert.Equal("sleep: Sleeps until 2026-03-01T09:05:00Z.", Told.Asked(log));
        await using var later = await bench.Restart();
        later.Clock.Advance(TimeSpan.FromMinutes(5));
        log = await later.Recover(log.Thread.Id);

        Assert.Equal("""completed: {"item":"tea","price":3,"note":"quickly"}""", Told.Of(log)[^1]);
        Assert.Equal(["tea call_19"], paid);
        Assert.Equal(0, await later.Runner.Recover());
    }

    [Fact]
    [Trait("Accepts", "F8.3")]
    public async Task A_no_is_a_value_with_the_comment()
    {
        await using var bench = new AgentBench(Buying.Shop((_, _) => throw new InvalidOperationException("nothing is paid")), Shop.Plays);
        var log = await bench.Answer(await bench.Start(JsonText.Parse("""{"item":"tea"}""")), response: "quickly");
        Told.Ends(await bench.Answer(log, approved: false, comment: "too dear"), "answered: no (too dear)", """completed: {"item":"tea","price":0,"note":"too dear"}""");
    }

    private static string FindRoot(string from) => File.Exists(Path.Combine(from, "AgentMcp.sln")) ? from : FindRoot(Path.GetDirectoryName(from)!);
}
