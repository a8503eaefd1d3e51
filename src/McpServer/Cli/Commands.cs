using System.CommandLine;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Http;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Cli;

/// <summary>The command line: which commands there are, and how what goes wrong becomes an exit code.</summary>
internal static class Commands
{
    public static async Task<int> Run(string[] args)
    {
        var root = new RootCommand("Small, focused agents as MCP tools. A call survives timeouts, restarts and people who answer tomorrow.");
        foreach (var option in SharedOptions.All)
        {
            root.Options.Add(option);
        }

        root.Subcommands.Add(Stdio());
        root.Subcommands.Add(Http());
        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SettingsException or DatabaseException or RefusedException)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return e is RefusedException ? ExitCode.Refused : ExitCode.Unusable;
        }
    }

    private static Command Stdio()
    {
        var command = new Command("stdio", "Serve one MCP client over standard input and output, until it closes them.");
        command.SetAction(async (parsed, _) =>
        {
            using var logs = LoggerFactory.Create(logging => logging.Logging(parsed));
            return await StdioServer.Run(SharedOptions.SettingsOf(parsed), logs).ConfigureAwait(false);
        });
        return command;
    }

    private static Command Http()
    {
        var port = new Option<string>("--port") { Description = "The port on the loopback interface; 0 for a free one. (AGENTMCP_PORT)", HelpName = "PORT" };
        var command = new Command("http", "Serve MCP clients over Streamable HTTP on this machine, at /mcp.") { port };
        command.SetAction(async (parsed, _) => await HttpServer.Run(
            SharedOptions.SettingsOf(parsed, ("port", parsed.GetValue(port))), logging => logging.Logging(parsed)).ConfigureAwait(false));
        return command;
    }
}
