using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>The deploybot microagent: its prompt is in deploybot.agent.md, its tools act on a <see cref="IDeployTarget"/>.</summary>
public static class Deploybot
{
    public const string Name = "deploybot";

    public static IReadOnlyList<Tool> Tools(IDeployTarget target) => DeployTools.Of(target);
}
