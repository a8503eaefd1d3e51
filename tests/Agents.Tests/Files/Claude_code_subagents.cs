using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Tests.Files;

/// <summary>Files as people keep them in <c>.claude/agents</c>, not one letter changed.</summary>
public sealed class Claude_code_subagents : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("agents-").FullName;
    private readonly string _folder;

    public Claude_code_subagents() => _folder = Directory.CreateDirectory(Path.Combine(_top, ".claude", "agents")).FullName;

    private const string Reviewer = """
        ---
        name: code-reviewer
        description: Expert code reviewer. Use proactively after changes.
        tools: Read, Grep, Bash(git diff:*, git log:*), add, multiply, mcp__tracker__search, mcp__files, mcp__elsewhere__find, Agent(helper, nobody), WebFetch
        disallowedTools: multiply
        model: sonnet
        color: green
        maxTurns: 7
        hooks:
          PreToolUse:
            - matcher: "Bash"
              hooks:
                - type: command
                  command: "./check.sh"
        ---

        You are a reviewer. Write {{this}} as it is.

        """;

    [Fact]
    public void Load_unchanged_with_a_note_of_what_could_not_be_mapped()
    {
        Write("code-reviewer.md", Reviewer);
        Write("team/helper.md", "---\nname: helper\ndescription: Helps.\ntools: []\nmodel: inherit\n---\nYou help.");
        Write("README.md", "# Our agents\n");

        var catalog = Load();

        Assert.Empty(catalog.Problems);
        var reviewer = catalog.Get("code-reviewer");
        Assert.Equal(
            ("Expert code reviewer. Use proactively after changes.", "You are a reviewer. Write {{this}} as it is.", Microagent.MessageSchema, (string?)null, new Limits(Steps: 7)),
            (reviewer.Description, reviewer.Prompt, reviewer.Input, reviewer.Model, reviewer.Limits));
        Assert.Equal(
            ["add Run", "tracker.search", "files.*", "helper Run", "request_more_information", "done_for_now"],
            reviewer.Intents.Select(intent => intent is Tool tool ? $"{tool.Name} {tool.Route}" : intent.Name));
        Assert.Equal(["request_more_information", "done_for_now"], catalog.Get("helper").Intents.Select(intent => intent.Name));
        Assert.Equal(
            [
                $"{Of("code-reviewer.md")}:1: 'code-reviewer' was read as a Claude Code subagent, without what has nothing like it here: tool Read, tool Grep, tool Bash(git diff:*, git log:*), tool mcp__elsewhere__find, tool WebFetch, model sonnet (the server's is used), field hooks",
                $"{Of("team/helper.md")}:1: 'helper' was read as a Claude Code subagent; all of it could be mapped",
            ], catalog.Notes);
    }

    [Fact]
    public void Also_with_a_description_that_is_no_yaml()
    {
        Write("tester.md", """
            ---
            name: tester
            description: Use this agent when tests fail. Examples: <example>user: "it's red" assistant: "I'll look: [now]"</example>
            tools:
              - add
              - Write
            model: opus
            ---
            You test.
            """);

        var catalog = Load();

        Assert.Equal("""Use this agent when tests fail. Examples: <example>user: "it's red" assistant: "I'll look: [now]"</example>""", catalog.Get("tester").Description);
        Assert.Equal([$"{Of("tester.md")}:1: 'tester' was read as a Claude Code subagent, without what has nothing like it here: tool Write, model opus (the server's is used)"], catalog.Notes);
    }

    [Fact]
    public void That_name_no_tools_and_so_have_all_there_have_none_here()
    {
        Write("all.md", "---\nname: all\ndescription: d\n---\nx");

        var catalog = Load();

        Assert.Empty(catalog.Get("all").Intents.OfType<Tool>());
        Assert.Equal([$"{Of("all.md")}:1: 'all' was read as a Claude Code subagent, without what has nothing like it here: all tools, which it has there without naming any"], catalog.Notes);
    }

    [Fact]
    public void Never_get_a_tool_that_they_bar_themselves()
    {
        Write("a.md", "---\nname: a\ndescription: d\ntools: mcp__files, mcp__tracker__search, mcp__tracker__close, add\ndisallowedTools: mcp__files__delete, mcp__tracker__close\n---\nx");

        var catalog = Load();

        Assert.Equal(["tracker.search", "add", "request_more_information", "done_for_now"], catalog.Get("a").Intents.Select(intent => intent.Name));
        Assert.Equal([$"{Of("a.md")}:1: 'a' was read as a Claude Code subagent, without what has nothing like it here: tool mcp__files"], catalog.Notes);
    }

    [Theory]
    [InlineData("gates: { add: human }", ":4: a Claude Code subagent has no field 'gates'; if this is an agent file, name it x.agent.md")]
    [InlineData("limits: { steps: 3 }", ":4: a Claude Code subagent has no field 'limits'; if this is an agent file, name it x.agent.md")]
    public void Are_not_what_an_agent_file_with_a_wrong_name_is_taken_for(string field, string problem)
    {
        Write("x.md", $"---\nname: x\ndescription: d\n{field}\n---\nx");

        Assert.Equal([Of("x.md") + problem], Load().Problems);
    }

    public void Dispose() => Directory.Delete(_top, recursive: true);

    private MicroagentCatalog Load() => new AgentFolders(
        [_folder], null, [], Microagents.Calculator.Calculator.Tools.ToDictionary(tool => tool.Name), servers: ["tracker", "files"]).Load();

    private string Of(string file) => Path.Combine(_folder, file);

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Of(file))!);
        File.WriteAllText(Of(file), text);
    }
}
