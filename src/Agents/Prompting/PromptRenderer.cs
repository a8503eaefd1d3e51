using AgentMcp.Agents.Models;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

public static class PromptRenderer
{
    public static Prompt Render(Microagent agent, IReadOnlyList<ThreadEvent> log) => new(agent.Prompt, log.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), JsonText.Null);
}
