using System.CommandLine;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;

namespace AgentMcp.Server.Cli;

internal static class AgentsCommand
{
    public static Command Create()
    {
        var command = new Command("agents", "List the agents, and the agent files that could not be loaded.");
        command.SetAction(parsed =>
        {
            var catalog = BuiltIn.Catalog(SharedOptions.SettingsOf(parsed));
            var screen = new Screen(parsed.GetValue(SharedOptions.Json));
            if (screen.WantsJson)
            {
                Screen.Json(ListAgentsTool.Json(catalog, catalog.All, Principal.Local));
                return;
            }

            screen.Table(["AGENT", "DESCRIPTION"], [.. catalog.All.Select(agent => new[] { agent.Name, agent.Description })]);
            foreach (var problem in catalog.Problems)
            {
                screen.Line($"Not loaded: {problem}", Tone.Bad);
            }

            foreach (var note in catalog.Notes)
            {
                screen.Line($"Note: {note}", Tone.Dim);
            }
        });
        Help.Of(command, "agentmcp agents", "agentmcp agents --agents ./agents --json");
        return command;
    }
}
