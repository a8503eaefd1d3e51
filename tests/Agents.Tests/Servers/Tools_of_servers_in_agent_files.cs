using AgentMcp.Agents.Files;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Servers;

public sealed class Tools_of_servers_in_agent_files
{
    private static readonly Dictionary<string, Tool> NoTools = [];

    [Theory]
    [InlineData("files.read", "files.read", true)]
    [InlineData("files.*", "files.read", true)]
    [InlineData("files.*", "memory.read", false)]
    [InlineData("*.read_*", "files.read_text", true)]
    [InlineData("files.*_*_file", "files.read_text_file", true)]
    [InlineData("files.*read*read", "files.read", false)]
    public void A_star_stands_for_any_letters(string pattern, string name, bool matches) => Assert.Equal(matches, ServerTools.Matches(pattern, name));

    [Fact]
    [Trait("Accepts", "F8.4")]
    public async Task What_the_file_says_of_a_pattern_holds_for_every_tool_and_a_later_word_counts_more()
    {
        var agent = await Resolved("tools: [\"files.*\"]\ngates: { \"files.*\": none, files.write: human }\neffects: { files.read: read_only }\nchanges: [files.write]\nchannels: { files.write: ops }");

        Assert.Equal(
            [("files.read", Route.Run, Effect.ReadOnly, AnswerableBy.Caller, false), ("files.write", Route.Approve, Effect.Effectful, AnswerableBy.Human, true)],
            agent.Intents.OfType<Tool>().Select(tool => (tool.Name, tool.Route, tool.Effect, tool.AnswerableBy, tool.MayChange)));
        Assert.Equal(["ops"], agent.FindTool("files.write")!.People.Channels);
    }

    [Fact]
    [Trait("Accepts", "F8.4")]
    public async Task What_the_file_says_nothing_of_is_as_the_server_offers_it() =>
        Assert.Equal([Route.Approve, Route.Approve], (await Resolved("tools: [files.write, files.read]")).Intents.OfType<Tool>().Select(tool => tool.Route));

    [Theory]
    [InlineData("gates: { memory.read: none }", "a.agent.md:5: 'memory.read' has a gate but is no tool of this agent")]
    [InlineData("effects: { files.read: readonly }", "a.agent.md:5: the effect of files.read must be read_only, idempotent or effectful, not 'readonly'; did you mean 'read_only'?")]
    [InlineData("effects: { memory.read: read_only }", "a.agent.md:5: 'memory.read' has an effect but is no tool of an MCP server that this agent lists; there are files.*")]
    public void What_cannot_be_meant_is_an_error_of_the_file(string fields, string message) =>
        Assert.Equal(message, Assert.Throws<AgentFileException>(() => Parse("tools: [\"files.*\"]\n" + fields)).Message);

    [Fact]
    public async Task A_stored_definition_brings_the_tools_back_without_asking_the_server()
    {
        var file = Parse("tools: [\"files.*\"]\ngates: { files.read: none }");
        var servers = new Files();
        var stored = Definition.Of(await Catalog(servers).Resolve(file)).Json;

        var restored = Definition.Restore(stored, file, servers);

        Assert.Equal([("files.read", Route.Run), ("files.write", Route.Approve)], restored.Intents.OfType<Tool>().Select(tool => (tool.Name, tool.Route)));
        Assert.Equal((1, """{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}"""), (servers.Asked, restored.FindTool("files.read")!.Arguments.Text));
    }

    [Fact]
    public async Task A_gate_that_was_closed_since_holds_for_threads_that_run()
    {
        var servers = new Files();
        var stored = Definition.Of(await Catalog(servers).Resolve(Parse("tools: [\"files.*\"]\ngates: { \"files.*\": none }"))).Json;

        var restored = Definition.Restore(stored, Parse("tools: [\"files.*\"]\ngates: { files.read: none }"), servers);

        Assert.Equal([Route.Run, Route.Approve], restored.Intents.OfType<Tool>().Select(tool => tool.Route));
    }

    [Fact]
    [Trait("Accepts", "F10.2")]
    public async Task A_model_may_call_a_tool_by_the_name_a_provider_knows()
    {
        var agent = await Resolved("tools: [\"files.*\"]");

        Assert.Equal("files__read", agent.FindTool("files.read")!.DeclaredName);
        var step = Assert.IsType<ChooseStep>(StepReader.Read(agent, """{"intent":"files__read","path":"a"}""", "m", null, default));
        Assert.Equal(("files.read", """{"path":"a"}"""), (step.Intent, step.Arguments.Text));
    }

    [Fact]
    public void A_long_name_is_cut_and_still_one_of_its_own()
    {
        var (one, other) = (Long("a"), Long("b"));
        Assert.Equal((64, 64), (one.Length, other.Length));
        Assert.NotEqual(one, other);

        static string Long(string end) => TestAgents.Tool($"server.{new string('x', 80)}{end}", Effect.ReadOnly, _ => "1").DeclaredName;
    }

    private static Task<Microagent> Resolved(string fields) => Catalog(new Files()).Resolve(Parse(fields));

    private static MicroagentCatalog Catalog(IToolServers servers) => new([]) { Servers = servers };

    private static Microagent Parse(string fields) => AgentFile.Parse("a.agent.md", $"---\nname: a\ndescription: d\n{fields}\n---\nx", NoTools);

    /// <summary>A server with two tools, gated as by default.</summary>
    private sealed class Files : IToolServers
    {
        private static readonly JsonText Path = JsonText.Parse("""{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}""");

        public int Asked { get; private set; }

        public IReadOnlyList<string> Names => ["files"];

        public Task<IReadOnlyList<OfferedTool>> ToolsOf(string server, CancellationToken cancellation = default)
        {
            Asked++;
            return Task.FromResult<IReadOnlyList<OfferedTool>>([new(Recall(new("files", "read"))), new(Recall(new("files", "write")))]);
        }

        public Tool Recall(ServerTool origin) => TestAgents.Tool(origin.Name, Effect.Effectful, _ => "1") with { From = origin, Route = Route.Approve, Arguments = Path };
    }
}
