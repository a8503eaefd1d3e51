using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Asking;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Server.Hosting;

/// <summary>The agents that come with the program, and the tools that agent files may use.</summary>
internal static class BuiltIn
{
    /// <summary>Tools of the server itself; an agent, which becomes a tool too, cannot have their names.</summary>
    private static readonly string[] FixedTools =
        ["list_agents", "invoke_agent", "get_thread", "list_threads", "wait_thread", "resume_thread", "cancel_thread", "fork_thread",
            "answer_request", "follow_thread"];

    public static AgentFolders Folders(Settings settings)
    {
        var deploy = Deploybot.Tools(DeployTarget.From(settings.Deploy, new HttpClient { Timeout = TimeSpan.FromSeconds(30) }, TimeProvider.System));
        var tools = Calculator.Tools.Concat(deploy).ToDictionary(tool => tool.Name, StringComparer.Ordinal);
        return new(settings.AgentFolders, settings.AgentsHome,
            [Read("Calculator/calculator", tools, CalculatorRules.Next), Read("Deploybot/deploybot", tools, DeploybotRules.Next), .. AskingAgents.All],
            tools, FixedTools);
    }

    public static MicroagentCatalog Catalog(Settings settings) => Folders(settings).Load();

    private static Microagent Read(string name, IReadOnlyDictionary<string, Tool> tools, Rules rules) =>
        AgentFile.Read(Path.Combine(AppContext.BaseDirectory, "Microagents", name + ".agent.md"), tools, rules);
}
