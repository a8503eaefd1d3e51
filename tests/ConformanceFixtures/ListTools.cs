using ModelContextProtocol.Server;

namespace AgentMcp.ConformanceFixtures;

/// <summary>Tools that change the lists, so that whoever follows them is told.</summary>
internal static class ListTools
{
    public static IEnumerable<McpServerTool> All(McpServerPrimitiveCollection<McpServerTool> tools, McpServerPrimitiveCollection<McpServerPrompt> prompts)
    {
        yield return Fixtures.Tool("test_trigger_tool_change", "Adds a tool and takes it away.", () =>
        {
            var tool = Fixtures.Tool("test_passing_tool", "Is there for a moment.", () => Fixtures.Text("Still here."));
            tools.Add(tool);
            tools.Remove(tool);
            return Fixtures.Text("The tools have changed.");
        });
        yield return Fixtures.Tool("test_trigger_prompt_change", "Adds a prompt and takes it away.", () =>
        {
            var prompt = McpServerPrompt.Create(() => "Still here.", new() { Name = "test_passing_prompt", Description = "Is there for a moment." });
            prompts.Add(prompt);
            prompts.Remove(prompt);
            return Fixtures.Text("The prompts have changed.");
        });
    }
}
