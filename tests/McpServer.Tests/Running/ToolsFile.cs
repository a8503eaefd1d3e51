using System.Text.Json;

namespace AgentMcp.Server.Tests.Running;

/// <summary><c>tools.json</c>: everything <c>tools/list</c> says of the tools that come with the program. Written by hand when a tool is meant to change.</summary>
public static class ToolsFile
{
    public static JsonElement All { get; } = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "tools.json")));

    public static JsonElement Tool(string name) => All.EnumerateArray().Single(tool => tool.GetProperty("name").GetString() == name);
}
