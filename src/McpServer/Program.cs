using AgentMcp.Server.Cli;

// First of all, because it holds for every pattern of every schema: a hostile one must not hang the process.
AppDomain.CurrentDomain.SetData("REGEX_DEFAULT_MATCH_TIMEOUT", TimeSpan.FromSeconds(1));
return await Commands.Run(args).ConfigureAwait(false);
