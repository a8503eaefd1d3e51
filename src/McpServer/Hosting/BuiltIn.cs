using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Server.Hosting;

/// <summary>The agents that come with the program, and the tools that agent files may use.</summary>
internal static class BuiltIn
{
    public static MicroagentCatalog Catalog(Settings settings)
    {
        var deploy = Deploybot.Tools(DeployTarget.From(settings.Deploy, new HttpClient { Timeout = TimeSpan.FromSeconds(30) }, TimeProvider.System));
        var tools = Calculator.Tools.Concat(deploy).ToDictionary(tool => tool.Name, StringComparer.Ordinal);
        return MicroagentCatalog.Load(
            [Read("Calculator/calculator", tools, CalculatorRules.Next), Read("Deploybot/deploybot", tools, DeploybotRules.Next)],
            settings.Agents, tools);
    }

    private static Microagent Read(string name, IReadOnlyDictionary<string, Tool> tools, Rules rules) =>
        AgentFile.Read(Path.Combine(AppContext.BaseDirectory, "Microagents", name + ".agent.md"), tools, rules);
}
