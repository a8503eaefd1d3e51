using AgentMcp.Agents.Context;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Context;

public sealed class Agent_files_about_context
{
    private const string All = """
        tools: [look, pay]
        prefetch: [{ look: { item: shelf } }]
        context: { refetch_after: 90s, summarise_over: 400, budget: 3000, keep_last: 6, summariser: rules }
        squash: { look: [id, title], pay: standard }
        cache: { look: 5m }
        judge: { model: rules, applies_to: [pay], timeout: 5s }
        """;

    private static readonly Outside World = new();

    private static readonly Dictionary<string, Tool> Tools =
        new[] { World.Look, World.Store, World.Pay, World.Deploy }.ToDictionary(tool => tool.Name);

    [Fact]
    [Trait("Accepts", "F13.1")]
    public void Say_what_is_fetched_ahead()
    {
        var context = Read("tools: [look, pay]\nprefetch: [{ look: { item: shelf } }]\ncontext: { refetch_after: 90s }").Context;

        Assert.Equal([new Prefetch("look", JsonText.Parse("""{"item":"shelf"}"""))], context.Prefetch);
        Assert.Equal(TimeSpan.FromSeconds(90), context.RefetchAfter);
    }

    [Fact]
    [Trait("Accepts", "J.5")]
    public void Name_a_judge_whose_prompt_is_a_file_beside_the_agent()
    {
        var folder = Directory.CreateTempSubdirectory("judge-").FullName;
        File.WriteAllText(Path.Combine(folder, "judge.md"), "You judge {{agent}}.\nBe brief.\n");

        var judge = Read("tools: [look, pay]\njudge: { prompt: judge.md, model: rules, applies_to: [pay], timeout: 5s }", folder).Context.Judge!;

        Assert.Equal(("You judge a.\nBe brief.", "rules", TimeSpan.FromSeconds(5)), (judge.Prompt, judge.Model, judge.Timeout));
        Assert.Equal(["pay"], judge.AppliesTo);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [Trait("Accepts", "S.2")]
    public void Say_what_is_shortened_and_what_is_used_again()
    {
        var context = Read(All).Context;

        Assert.Equal((400, 3000, 6, "rules"), (context.SummariseOver, context.Budget, context.KeepLast, context.Summariser));
        Assert.Equal(["id", "title"], context.Squash["look"]!);
        Assert.Null(context.Squash["pay"]);
        Assert.Equal(TimeSpan.FromMinutes(5), context.Cache["look"]);
        Assert.Null(Read("context: { summariser: deterministic }").Context.Summariser);
    }

    [Fact]
    [Trait("Accepts", "J.5")]
    public void Have_our_prompt_where_they_name_none()
    {
        var judge = Read("tools: [look, pay]\njudge: {}").Context.Judge!;

        Assert.StartsWith("You judge one step of a before it is taken. a is an agent with this task: d\n", judge.Prompt, StringComparison.Ordinal);
        Assert.Equal((false, true, null), (judge.Judges(World.Look), judge.Judges(World.Pay), judge.AppliesTo));
    }

    [Fact]
    [Trait("Accepts", "F5.2")]
    public void All_of_it_is_part_of_the_definition_a_thread_keeps()
    {
        var agent = Read(All);
        var (hash, json) = Definition.Of(agent);

        Assert.Equal(hash, Definition.Of(Definition.Restore(json, Read("tools: [look, pay]"))).Hash);
        Assert.Equal(
            Definition.Of(Read("tools: [look, pay]")).Hash,
            Definition.Of(Definition.Restore(Definition.Of(Read("tools: [look, pay]")).Json, agent)).Hash);
    }

    [Theory]
    [InlineData("prefetch: look", "a.agent.md:5: prefetch must be a list, such as [{ list_git_commits: { limit: 20 } }]")]
    [InlineData("prefetch: [{ look: { item: a }, store: { item: b } }]", "a.agent.md:5: each item of prefetch is one tool with its arguments, such as { list_git_commits: { limit: 20 } }")]
    [InlineData("prefetch: [lok]", "a.agent.md:5: 'lok' is prefetched but is no tool of this agent; did you mean 'look'?")]
    [InlineData("prefetch: [{ pay: { item: a } }]", "a.agent.md:5: 'pay' cannot be prefetched: only read-only tools without a gate can, and this one may change something")]
    [InlineData("gates: { look: approval }\nprefetch: [{ look: { item: a } }]", "a.agent.md:6: 'look' cannot be prefetched: only read-only tools without a gate can, and this one has a gate")]
    [InlineData("prefetch: [look]", "a.agent.md:5: the arguments do not fit look: ")]
    [InlineData("context: { refetch_after: soon }", "a.agent.md:5: refetch_after must be a time such as 90s, 15m, 4h or 2d, not 'soon'")]
    [InlineData("context: { budget: 3 }", "a.agent.md:5: budget must be a whole number of at least 500, not '3'")]
    [InlineData("squash: { lok: standard }", "a.agent.md:5: 'lok' is no tool of this agent; did you mean 'look'?")]
    [InlineData("cache: { pay: 5m }", "a.agent.md:5: results of 'pay' cannot be used again: only those of read-only tools without a gate can")]
    [InlineData("cache: { look: always }", "a.agent.md:5: look must be a time such as 90s, 15m, 4h or 2d, not 'always'")]
    [InlineData("judge: { prompt: no-such.md }", "a.agent.md:5: there is no file 'no-such.md' to include")]
    [InlineData("judge: { applies_to: [pey] }", "a.agent.md:5: 'pey' is judged but is no intent of this agent; did you mean 'pay'?")]
    [InlineData("judge: { modle: rules }", "a.agent.md:5: there is no 'modle'; did you mean 'model'?")]
    [InlineData("judge: { timeout: soon }", "a.agent.md:5: timeout must be a time such as 90s, 15m, 4h or 2d, not 'soon'")]
    [InlineData("context: { refetch: 5m }", "a.agent.md:5: there is no 'refetch'")]
    public void One_that_cannot_be_used_says_where_and_why(string fields, string message) =>
        Assert.StartsWith(message, Assert.Throws<AgentFileException>(() => Read("tools: [look, store, pay, deploy]\n" + fields)).Message, StringComparison.Ordinal);

    private static Microagent Read(string fields, string folder = "") =>
        AgentFile.Parse(Path.Combine(folder, "a.agent.md"), $"---\nname: a\ndescription: d\n{fields}\n---\nx", Tools);
}
