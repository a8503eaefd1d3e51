using AgentMcp.Agents;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Protocol.Prompts;
using AgentMcp.Server.Tools;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>
/// A tool, a prompt and a resource for each agent there is now. When the catalog changes, only what clients see differently is
/// replaced, and each list is told of once. Thread-safe.
/// </summary>
internal sealed class AgentPrimitives(
    Core core, PausedCalls calls, string channel, McpServerPrimitiveCollection<McpServerTool> tools, McpServerPrimitiveCollection<McpServerPrompt> prompts, McpServerResourceCollection resources)
{
    public const string Scheme = "agent://";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Microagent Agent, AgentTool Tool, McpServerPrompt Prompt, McpServerResource Resource)> _shown = new(StringComparer.Ordinal);

    /// <summary>From here on they are as the catalog is.</summary>
    public void Follow()
    {
        Show();
        core.Catalog.Changed += Show;
    }

    private void Show()
    {
        lock (_lock)
        {
            using var oneWordOfTools = tools.DeferChangedEvents();
            using var oneWordOfPrompts = prompts.DeferChangedEvents();
            using var oneWordOfResources = resources.DeferChangedEvents();
            var agents = core.Catalog.All;
            foreach (var (agent, tool, prompt, resource) in _shown.Values.Where(shown => !agents.Any(agent => IsShownTheSame(agent, shown.Agent))).ToList())
            {
                tools.Remove(tool);
                prompts.Remove(prompt);
                resources.Remove(resource);
                _shown.Remove(agent.Name);
            }

            foreach (var agent in agents.Where(agent => !_shown.ContainsKey(agent.Name)))
            {
                var shown = _shown[agent.Name] = (agent, new AgentTool(agent, core, calls, channel), AgentPrompt.Of(agent), ResourceOf(agent));
                tools.Add(shown.Tool);
                prompts.Add(shown.Prompt);
                resources.Add(shown.Resource);
            }
        }
    }

    // The system message, say, is no part of the tool; and the resource reads what holds at that time.
    private static bool IsShownTheSame(Microagent one, Microagent other) =>
        one.Name == other.Name && one.Description == other.Description && one.Input == other.Input;

    private WireResource ResourceOf(Microagent agent) => new(
        new() { UriTemplate = Scheme + agent.Name, Name = agent.Name, Description = agent.Description, MimeType = "application/json" },
        (_, _) => core.Catalog.DefinitionOf(core.Catalog.Get(agent.Name)).Json.Text);
}
