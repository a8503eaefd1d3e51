using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Asking;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Pipeline;
using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.Agents.Microagents.SideBySide;
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
        if (settings.App is { } app)
        {
            return new(settings.AgentFolders, settings.AgentsHome, [.. app.Agents, .. AskingAgents.All], app.Tools, FixedTools);
        }

        var http = Http();
        var target = DeployTarget.From(settings.Deploy, http, TimeProvider.System);
        var tools = Tools(target);
        return new(settings.AgentFolders, settings.AgentsHome,
            [
                Read("Calculator/calculator", tools, CalculatorRules.Next), Read("Deploybot/deploybot", tools, DeploybotRules.Next), Read("Rollback/rollback", tools, RollbackRules.Next),
                Pipeline.Of(new(settings.Pipeline, settings.Deploy.Local, target, http, TimeProvider.System)), SideBySide.Workflow, .. AskingAgents.All,
            ],
            tools, FixedTools, [.. settings.Upstreams.Select(upstream => upstream.Name)]);
    }

    public static MicroagentCatalog Catalog(Settings settings) => Folders(settings).Load();

    /// <summary>The tools an agent file may name, beside the standard intents and other agents.</summary>
    public static IReadOnlyDictionary<string, Tool> Tools(Settings settings) => settings.App?.Tools ?? Tools(DeployTarget.From(settings.Deploy, Http(), TimeProvider.System));

    private static Dictionary<string, Tool> Tools(IDeployTarget target) =>
        Calculator.Tools.Concat(Deploybot.Tools(target)).Concat(Rollback.Tools(target)).ToDictionary(tool => tool.Name, StringComparer.Ordinal);

    // No agent asks anything of the web at the start, and what it takes to is large.
    private static Lazy<HttpClient> Http() => new(() => new() { Timeout = TimeSpan.FromSeconds(30) });

    private static Microagent Read(string name, IReadOnlyDictionary<string, Tool> tools, Rules rules) =>
        AgentFile.ReadShipped(Path.Combine(AppContext.BaseDirectory, "Microagents", name + ".agent.md"), tools, rules);
}
