using System.CommandLine;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Http;

namespace AgentMcp.Server.Cli;

/// <summary>The two servers. They outlive whoever asked, so neither stops before its clients or a signal says so.</summary>
internal static class ServeCommands
{
    /// <summary>The command whose standard output is the protocol's.</summary>
    public const string OverPipes = "stdio";
    public const string OverHttp = "http";

    public static Command Stdio()
    {
        var inbox = new Option<bool>("--inbox") { Description = "Also serve the inbox, a page for people, on a loopback port; its sign-in link goes to standard error." };
        var port = new Option<string>("--inbox-port") { Description = "The port of that inbox; by default a free one. (AGENTMCP_INBOX_PORT)", HelpName = "PORT" }.NeverEmpty();
        var command = new Command(OverPipes, "Serve one MCP client over standard input and output, until it closes them.") { inbox, port };
        command.SetAction(async (parsed, _) =>
        {
            var settings = SharedOptions.SettingsOf(parsed, ("inbox_port", parsed.GetValue(port)));
            return await OnPipes(settings, parsed.GetValue(inbox)).ConfigureAwait(false);
        });
        Help.Of(command, "agentmcp stdio --model rules", "agentmcp stdio --inbox");
        return command;
    }

    /// <param name="inbox">Whether people are served too.</param>
    public static async Task<int> OnPipes(Settings settings, bool inbox)
    {
        using var telemetry = Telemetry.For(settings);
        using var logs = Logs.For(settings, telemetry);
        return await StdioServer.Run(settings, logs, inbox).ConfigureAwait(false);
    }

    public static Command Http()
    {
        var port = new Option<string>("--port") { Description = "The port on the loopback interface; 0 for a free one. (AGENTMCP_PORT)", HelpName = "PORT" }.NeverEmpty();
        var command = new Command(OverHttp, "Serve MCP clients over Streamable HTTP on this machine, at /mcp, and people with the inbox, at /.") { port };
        command.SetAction(async (parsed, _) => await HttpServer.Run(SharedOptions.SettingsOf(parsed, ("port", parsed.GetValue(port)))).ConfigureAwait(false));
        Help.Of(command, "agentmcp http --port 8484");
        return command;
    }
}
