using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.SideBySide;
using AgentMcp.Server;

namespace AgentMcp.Faults.Victim;

/// <summary>
/// The server that is killed: the real program with agents of the sweep's own, whose tools touch the world that
/// <c>FAULTS_WORLD</c> and <c>FAULTS_LEDGER</c> name.
/// </summary>
internal static class ServerUnderTest
{
    public static Task<int> Run(string[] arguments)
    {
        Death.Arm(Environment.GetEnvironmentVariable("FAULTS_DIE"));
        var world = Outside.FromEnvironment();
        var deploys = Deploybot.Tools(new LocalTarget(new(world.Clone), TimeProvider.System)).ToDictionary(tool => tool.Name);
        return AgentMcpApp.Run(arguments, app =>
        {
            foreach (var agent in Players.All(world))
            {
                app.Add(agent);
            }

            app.Add(Errands.Workflow(world));
            app.Add(Errands.Courier(world));
            app.Add(Errands.Mason(world));
            app.Add(Errands.Envoy(world));
            app.Add(SideBySide.Workflow);
            app.Add(AgentFile.Read(Path.Combine(AppContext.BaseDirectory, "Microagents", "Deploybot", "deploybot.agent.md"), deploys, DeploybotRules.Next));
        });
    }
}
