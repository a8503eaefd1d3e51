using AgentMcp.Server;

return await AgentMcpApp.Run(args, app: null).ConfigureAwait(false);
