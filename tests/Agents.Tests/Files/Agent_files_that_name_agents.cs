using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Tests.Files;

public sealed class Agent_files_that_name_agents : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agents-").FullName;

    [Fact]
    [Trait("Accepts", "D.5")]
    public void An_agent_is_a_tool_with_the_others_input_whatever_the_order_of_the_files()
    {
        Write("a_boss", "tools: [z_worker, calculator, add]\ngates: { z_worker: human }");
        Write("z_worker", "input: { type: object, properties: { hole: { type: string } }, required: [hole] }");

        var catalog = Load();

        Assert.Empty(catalog.Problems);
        var boss = catalog.Get("a_boss");
        var worker = boss.FindTool("z_worker")!;
        Assert.Equal((catalog.Get("z_worker").Input, "Is z_worker.", Route.Approve, State.Threads.AnswerableBy.Human),
            (worker.Arguments, worker.Description, worker.Route, worker.AnswerableBy));
        Assert.Equal(Microagent.MessageSchema, boss.FindTool("calculator")!.Arguments);
    }

    [Fact]
    [Trait("Accepts", "D.6")]
    public void A_circle_is_refused_with_the_way_round_and_the_rest_is_loaded()
    {
        Write("a", "tools: [b]");
        Write("b", "tools: [add, c]");
        Write("c", "tools: [a]");
        Write("self", "tools: [self]");
        Write("user", "tools: [self]");
        Write("well", "tools: [add]");

        var catalog = Load();

        Assert.Equal(["calculator", "well"], catalog.All.Select(agent => agent.Name));
        Assert.Equal(
            [
                $"{Of("a")}:4: 'a' would come to call itself: a -> b -> c -> a",
                $"{Of("b")}:4: 'b' would come to call itself: b -> c -> a -> b",
                $"{Of("c")}:4: 'c' would come to call itself: c -> a -> b -> c",
                $"{Of("self")}:4: 'self' would come to call itself: self -> self",
            ], catalog.Problems.Take(4));
        Assert.Equal($"{Of("user")}:4: the agent 'self' cannot be used; mend its own file first", catalog.Problems[4]);
    }

    [Fact]
    public void Whoever_names_an_agent_that_cannot_be_used_is_told_and_so_is_whoever_names_that()
    {
        Write("first", "tools: [second]");
        Write("second", "tools: [third]");
        Write("third", "gates: { add: perhaps }\ntools: [add]");

        var problems = Load().Problems;

        Assert.Equal(3, problems.Count);
        Assert.Equal($"{Of("first")}:4: the agent 'second' cannot be used; mend its own file first", problems[0]);
        Assert.Equal($"{Of("second")}:4: the agent 'third' cannot be used; mend its own file first", problems[1]);
        Assert.StartsWith($"{Of("third")}:4: the gate of add must be ", problems[2], StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private MicroagentCatalog Load() => MicroagentCatalog.Load(
        [TestAgents.Calculator], _folder, Microagents.Calculator.Calculator.Tools.ToDictionary(tool => tool.Name));

    private string Of(string name) => Path.Combine(_folder, name + ".agent.md");

    private void Write(string name, string fields) =>
        File.WriteAllText(Of(name), $"---\nname: {name}\ndescription: Is {name}.\n{fields}\n---\nYou are {name}.\n");
}
