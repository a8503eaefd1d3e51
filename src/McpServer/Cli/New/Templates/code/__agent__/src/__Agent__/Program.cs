using __Agent__;
using AgentMcp.Server;

return await AgentMcpApp.Run(args, app => app.Add(__Agent__Agent.Load()));
