using System.Text.Json;

namespace AgentMcp.Server.Tests.Cli;

public sealed class Agent_files_are_checked : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    [Fact]
    [Trait("Accepts", "F2.3")]
    public async Task With_every_problem_and_warning_on_a_line_of_its_own()
    {
        Write("shop", "Keeps the till.", "tools: [tag_push_prd, add, divide]\ngates: { divide: approval }", "Use `tag_push_prod`.\nFor {{tema}}.");
        Write("till", "Keeps the till.", "tools: [divide]\ngates: { divide: approval }", "Divide.");

        var ran = await _agentmcp.Run("check", "agents");

        Assert.Equal(
            """
            agents/shop.agent.md:4: problem: unknown tool 'tag_push_prd'; did you mean 'tag_push_prod'?
            agents/shop.agent.md:8: problem: there is no variable 'tema'; there are agent, description, tools
            agents/till.agent.md:5: warning: the gate of divide changes nothing: it is approval without it too
            2 files, 2 problems, 1 warning.

            """.ReplaceLineEndings(), ran.Output);
        Assert.Equal((1, ""), (ran.ExitCode, ran.Error));
    }

    [Fact]
    public async Task Warnings_fail_only_a_strict_check()
    {
        Write("till", "Keeps the till.", "tools: [divide]\ngates: { divide: approval }", "Divide.");

        var json = await _agentmcp.Run("check", "agents", "--json");

        Assert.Equal(0, json.ExitCode);
        Assert.Equal(
            """{"ok":true,"files":1,"remarks":[{"kind":"warning","file":"agents/till.agent.md","line":5,"reason":"the gate of divide changes nothing: it is approval without it too","suggestion":null}]}""",
            JsonSerializer.Serialize(json.Json));
        Assert.Equal(1, (await _agentmcp.Run("check", "agents", "--strict")).ExitCode);
    }

    [Fact]
    public async Task Without_a_folder_it_asks_for_one_and_one_that_is_not_there_is_a_problem()
    {
        var without = await _agentmcp.Run("check");
        var missing = await _agentmcp.Run("check", "nowhere");

        Assert.Equal((2, "Which folder? Give its name (agentmcp check ./agents), or set --agents."), (without.ExitCode, without.Error.Trim()));
        Assert.Equal((1, "nowhere: problem: there is no such folder; create it or change --agents"), (missing.ExitCode, missing.Output.Split(Environment.NewLine)[0]));
    }

    [Fact]
    public async Task The_schema_it_prints_is_the_one_of_the_docs() =>
        Assert.Equal(AgentMcp.Agents.Files.AgentFileSchema.Text, (await _agentmcp.Run("check", "--schema")).Output);

    public void Dispose() => _agentmcp.Dispose();

    private void Write(string name, string description, string fields, string prompt) => File.WriteAllText(
        Path.Combine(Directory.CreateDirectory(Path.Combine(_agentmcp.Folder, "agents")).FullName, name + ".agent.md"),
        $"---\nname: {name}\ndescription: {description}\n{fields}\n---\n{prompt}\n");
}
