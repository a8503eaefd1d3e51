using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Files;

public sealed class Agent_files
{
    private static readonly Outside World = new();

    private static readonly Dictionary<string, Tool> Tools =
        new[] { World.Look, World.Store, World.Pay, World.Deploy }.ToDictionary(tool => tool.Name);

    private const string Full = """
        ---
        name: shop-keeper
        description: Keeps the shop.
        input:
          type: object
          properties: { item: { type: string }, count: { type: integer, minimum: 1 } }
          required: [item]
        output: { type: object, properties: { price: { type: number, maximum: 9.5 } }, required: [price], additionalProperties: false }
        model: anthropic:claude-sonnet-5
        tools: [look, store, pay, deploy, request_human_input, done_for_now]
        gates: { look: none, store: delegate, pay: human, deploy: dry_run }
        limits: { steps: 7, errors_in_row: 2, tokens: 5000, tool_output: 300 }
        answerable_by: human
        ---

        You are {{agent}}. {{ description }}
        Do not write {single} braces.
        """;

    [Fact]
    [Trait("Accepts", "F2.1")]
    [Trait("Accepts", "F10.3")]
    public void And_records_in_code_give_the_same_agent()
    {
        var output = JsonText.Parse("""{"type":"object","properties":{"price":{"type":"number","maximum":9.5}},"required":["price"],"additionalProperties":false}""");
        var coded = new Microagent(
            "shop-keeper", "Keeps the shop.",
            JsonText.Parse("""{"type":"object","properties":{"item":{"type":"string"},"count":{"type":"integer","minimum":1}},"required":["item"]}"""),
            output, "You are shop-keeper. Keeps the shop.\nDo not write {single} braces.",
            [
                World.Look,
                World.Store with { Route = Route.Delegate },
                World.Pay with { Route = Route.Approve, AnswerableBy = AnswerableBy.Human },
                World.Deploy with { Route = Route.DryRun },
                StandardIntents.RequestHumanInput,
                StandardIntents.DoneForNow(output),
            ],
            new Limits(Steps: 7, ErrorsInRow: 2, Tokens: 5000, ToolOutput: 300), AnswerableBy.Human, "anthropic:claude-sonnet-5");

        var read = AgentFile.Parse("shop.agent.md", Full, Tools);

        Assert.Equal(Definition.Of(coded).Json.Text, Definition.Of(read).Json.Text);
        Assert.Equal(Definition.Of(coded).Hash, Definition.Of(AgentFile.Parse("shop.agent.md", Full.ReplaceLineEndings("\r\n"), Tools)).Hash);
    }

    [Fact]
    public void Need_a_name_and_a_description_and_no_more()
    {
        var agent = AgentFile.Parse("a.agent.md", "---\nname: a\ndescription: d\n---\nHello.", Tools);

        Assert.Equal(
            new Microagent("a", "d", Microagent.MessageSchema, Microagent.MessageSchema, "Hello.", agent.Intents, new Limits()), agent);
        Assert.Equal([StandardIntents.DoneForNow(Microagent.MessageSchema)], agent.Intents);
    }

    [Fact]
    [Trait("Accepts", "F2.3")]
    public void That_are_edited_change_their_own_prompt_and_nothing_else()
    {
        var folder = Directory.CreateTempSubdirectory("agents-").FullName;
        try
        {
            var edited = Path.Combine(folder, "shop.agent.md");
            File.WriteAllText(edited, Full);
            File.WriteAllText(Path.Combine(folder, "b.agent.md"), "---\nname: b\ndescription: d\n---\nHello.");
            var before = MicroagentCatalog.Load([], folder, Tools);
            File.WriteAllText(edited, Full.Replace("Do not write", "Never write", StringComparison.Ordinal));

            var after = MicroagentCatalog.Load([], folder, Tools);

            Assert.Equal("You are shop-keeper. Keeps the shop.\nNever write {single} braces.", after.Get("shop-keeper").Prompt);
            Assert.NotEqual(Definition.Of(before.Get("shop-keeper")).Hash, Definition.Of(after.Get("shop-keeper")).Hash);
            Assert.Equal(Definition.Of(before.Get("b")).Hash, Definition.Of(after.Get("b")).Hash);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [Trait("Accepts", "F2.3")]
    [Trait("Accepts", "R.4")]
    [Trait("Accepts", "R.13")]
    [InlineData("no front matter", "a.agent.md:1: the file must begin with front matter: a line of three dashes, YAML, and another such line")]
    [InlineData("---\nname: a\n", "a.agent.md:1: the file must begin with front matter: a line of three dashes, YAML, and another such line")]
    [InlineData("---\nname: a\n---\nx", "a.agent.md:1: the field 'description' is missing")]
    [InlineData("---\ndescription: d\n---\nx", "a.agent.md:1: the field 'name' is missing")]
    [InlineData("---\ndescription: d\nname: two words\n---\nx", "a.agent.md:3: the name 'two words' cannot be a tool name: use letters, digits, _ and -, at most 64")]
    [InlineData("---\nname: a\ndescription: d\ncolour: red\n---\nx", "a.agent.md:4: there is no field 'colour'; the fields are name, description, input, output, model, tools, gates, effects, limits, answerable_by, allow, people, channels, changes, schedule, vars, prefetch, context, squash, cache, judge")]
    [InlineData("---\nname: a\ndescription: d\ntools: [look, fly]\n---\nx", "a.agent.md:4: unknown tool 'fly'; there are request_more_information, request_human_input, nothing_to_do, await, done_for_now, deploy, look, pay, store")]
    [InlineData("---\nname: a\ndescription: d\nmodle: rules\n---\nx", "a.agent.md:4: there is no field 'modle'; did you mean 'model'?")]
    [InlineData("---\nname: a\ndescription: d\ntools:\n  - look\n  - dpeloy\n---\nx", "a.agent.md:6: unknown tool 'dpeloy'; did you mean 'deploy'?")]
    [InlineData("---\nname: a\ndescription: d\ntools: [deploy]\ngates:\n  deplyo: human\n---\nx", "a.agent.md:6: 'deplyo' has a gate but is no tool of this agent; did you mean 'deploy'?")]
    [InlineData("---\nname: a\ndescription: d\ntools: [pay]\ngates: { pay: aproval }\n---\nx", "a.agent.md:5: the gate of pay must be none, approval, human, delegate or dry_run, not 'aproval'; did you mean 'approval'?")]
    [InlineData("---\nname: a\ndescription: d\nlimits: { step: 3 }\n---\nx", "a.agent.md:4: there is no limit 'step'; did you mean 'steps'?")]
    [InlineData("---\nname: a\ndescription: d\ntools: [look, look]\n---\nx", "a.agent.md:4: 'look' is listed twice")]
    [InlineData("---\nname: a\ndescription: d\ntools: look\n---\nx", "a.agent.md:4: tools must be a list, such as [a, b]")]
    [InlineData("---\nname: a\ndescription: d\ntools: [pay]\ngates: { pay: maybe }\n---\nx", "a.agent.md:5: the gate of pay must be none, approval, human, delegate or dry_run, not 'maybe'")]
    [InlineData("---\nname: a\ndescription: d\ntools: [pay]\ngates: { look: human }\n---\nx", "a.agent.md:5: 'look' has a gate but is no tool of this agent; there are pay")]
    [InlineData("---\nname: a\ndescription: d\nlimits: { steps: 0 }\n---\nx", "a.agent.md:4: steps must be a whole number of at least 1, not '0'")]
    [InlineData("---\nname: a\ndescription: d\nlimits: { hours: 3 }\n---\nx", "a.agent.md:4: there is no limit 'hours'; there are steps, errors_in_row, tokens, tool_output, depth, cost, time, reply")]
    [InlineData("---\nname: a\ndescription: d\nlimits: 3\n---\nx", "a.agent.md:4: limits must be fields, such as { steps: 10 }")]
    [InlineData("---\nname: a\ndescription: d\nanswerable_by: anyone\n---\nx", "a.agent.md:4: answerable_by must be caller or human, not 'anyone'")]
    [InlineData("---\nname: a\ndescription: d\npeople: { colour: red }\n---\nx", "a.agent.md:4: there is no 'colour'; there are responders, channels, remind_after, escalate_to, escalate_after, expires_after")]
    [InlineData("---\nname: a\ndescription: d\npeople: { remind_after: soon }\n---\nx", "a.agent.md:4: remind_after must be a time such as 90s, 15m, 4h or 2d, not 'soon'")]
    [InlineData("---\nname: a\ndescription: d\npeople: { responders: [] }\n---\nx", "a.agent.md:4: responders must name at least one")]
    [InlineData("---\nname: a\ndescription: d\ntools: [pay]\nchannels: { look: ops }\n---\nx", "a.agent.md:5: 'look' has a channel but is no intent of this agent; there are pay")]
    [InlineData("---\nname: a\ndescription: d\ntools: [nothing_to_do]\nchannels: { nothing_to_do: ops }\n---\nx", "a.agent.md:5: 'nothing_to_do' tells nobody, so it has no channel")]
    [InlineData("---\nname: a\ndescription: d\ntools: [await]\nchannels: { await: ops }\n---\nx", "a.agent.md:5: 'await' tells nobody, so it has no channel")]
    [InlineData("---\nname: a\ndescription: d\ntools: [look]\nchanges: [look]\n---\nx", "a.agent.md:5: 'look' is no gated tool of this agent, so there is nothing to change")]
    [InlineData("---\nname: a\ndescription: d\ninput: { type: array }\n---\nx", "a.agent.md:4: input: unknown type 'array'; there are string, number, integer, boolean, lists such as [string], choices such as a | b, and objects as their fields; a JSON Schema says type: object")]
    [InlineData("---\nname: a\ndescription: d\ninput:\n  branch: string\n  wait_seconds?: number\n---\nx", "a.agent.md:4: input: 'wait_seconds' is an argument that every call of an agent takes; choose another name")]
    [InlineData("---\nname: a\ndescription: d\nmodel: anthropc:x\n---\nx", "a.agent.md:4: there is no model 'anthropc:x'; possible are sampling (the client's model; caller where it offers none), caller, rules, anthropic:NAME, openai:NAME (openai also speaks to Ollama, vLLM and LM Studio, with a base URL), azure:DEPLOYMENT")]
    [InlineData("---\nname: a\ndescription: d\nmodel: rules\n---\nx", "a.agent.md:4: rules are a table of decisions in code, and a file has none; name another model, or leave it out for the server's")]
    [InlineData("---\nname: a\ndescription: d\ninput: string\n---\nx", "a.agent.md:4: input must be fields with their types, such as { branch: string, dry_run?: boolean }, or a JSON Schema")]
    [InlineData("---\nname: a\ndescription: d\noutput: { type: object, $ref: 'http://x/y' }\n---\nx", "a.agent.md:4: output is no usable JSON Schema: $ref 'http://x/y' is not local; only references that start with # are followed")]
    [InlineData("---\nname: a\ndescription: d\noutput: { type: object }\ntools: [nothing_to_do]\n---\nx", "a.agent.md:5: 'nothing_to_do' ends with a message, which is not the output of this agent; leave one of the two out")]
    [InlineData("---\nname: a\ndescription: d\n---\nYou are {{agent}}.\n{{colour}}", "a.agent.md:6: there is no variable 'colour'; there are agent, description, tools")]
    [InlineData("---\nname: a\ndescription: d\n---\n\n\nYou are {{agent}}.\n{{colour}}", "a.agent.md:8: there is no variable 'colour'; there are agent, description, tools")]
    [InlineData("---\nname: a\ndescription: d\n---\nYou are {{agnet}}.", "a.agent.md:5: there is no variable 'agnet'; did you mean 'agent'?")]
    [InlineData("---\nname: a\ndescription: d\nvars:\n  team: t\n  agent: b\n---\nx", "a.agent.md:6: the variable 'agent' is there already; choose another name")]
    [InlineData("---\nname: [a\ndescription: d\n---\nx", "a.agent.md:2: this is not YAML; is a bracket or a quote left open?")]
    [InlineData("---\nname: \"a\ndescription: d\n---\nx", "a.agent.md:2: this is not YAML: While scanning a multi-line double-quoted scalar, found wrong indentation.")]
    [InlineData("---\n- name\n---\nx", "a.agent.md:2: the front matter must be fields, such as name: my_agent")]
    [InlineData("---\nname: a\ndescription: d\nname: b\n---\nx", "a.agent.md:4: this is not YAML: Duplicate key name")]
    public void That_cannot_be_used_are_refused_with_file_line_and_reason(string text, string message) =>
        Assert.Equal(message, Assert.Throws<AgentFileException>(() => AgentFile.Parse("a.agent.md", text, Tools)).Message);

    [Fact]
    [Trait("Accepts", "F2.3")]
    public void One_that_cannot_be_used_is_a_problem_and_stops_nobody()
    {
        var folder = Directory.CreateTempSubdirectory("agents-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a.agent.md"), "---\nname: a\ndescription: d\n---\nx");
            File.WriteAllText(Path.Combine(folder, "b.agent.md"), "---\nname: b\n---\nx");
            File.WriteAllText(Path.Combine(folder, "c.agent.md"), "---\nname: calculator\ndescription: d\n---\nx");
            File.WriteAllText(Path.Combine(folder, "notes.md"), "not an agent");

            var catalog = MicroagentCatalog.Load([TestAgents.Calculator], folder, Tools);

            Assert.Equal(["a", "calculator"], catalog.All.Select(agent => agent.Name));
            Assert.Same(TestAgents.Calculator, catalog.Get("calculator"));
            Assert.Equal([$"{Path.Combine(folder, "b.agent.md")}:1: the field 'description' is missing", $"{Path.Combine(folder, "c.agent.md")}:1: there is already an agent named 'calculator', which comes with the program; choose another name"], catalog.Problems);
            Assert.Equal([$"{folder}/none: there is no such folder; create it or change --agents"], MicroagentCatalog.Load([], folder + "/none", Tools).Problems);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    [Trait("Accepts", "F10.2")]
    public void The_shipped_calculator_reads_as_its_file_says() =>
        Assert.Equal(["add ReadOnly Run", "subtract ReadOnly Run", "multiply ReadOnly Run", "divide ReadOnly Approve"],
            TestAgents.Calculator.Intents.OfType<Tool>().Select(tool => $"{tool.Name} {tool.Effect} {tool.Route}"));
}
