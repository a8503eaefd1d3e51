using AgentMcp.ConformanceFixtures;
using AgentMcp.Server;

StartupHook.Initialize();
return await AgentMcpApp.Run(args, app =>
{
    foreach (var agent in Agents.All())
    {
        app.Add(agent);
    }
}).ConfigureAwait(false);
