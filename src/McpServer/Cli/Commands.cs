using System.CommandLine;
using System.CommandLine.Parsing;
using AgentMcp.Agents.Evals;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Models;
using AgentMcp.Server.Cli.Access;
using AgentMcp.Server.Cli.Demo;
using AgentMcp.Server.Cli.Demo.Pipeline;
using AgentMcp.Server.Cli.Evals;
using AgentMcp.Server.Cli.New;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Cli;

/// <summary>The command line: which commands there are, and how what goes wrong becomes one line and an exit code.</summary>
internal static class Commands
{
    // Longer than what a command does once it is told to stop. Servers see to their own end.
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(10);

    /// <param name="compose">Brings somebody's own agents and tools, once it is known whom standard output belongs to.</param>
    public static async Task<int> Run(string[] args, AgentMcpApp? app = null, Action? compose = null)
    {
        if (args is [ServeCommands.OverPipes, ..])
        {
            _ = ProtocolTypes.Find();
        }

        // A host that starts a server mostly says no more than this; then there is nothing to parse, and no parser to load.
        if (args is [ServeCommands.OverPipes])
        {
            ProtocolOutput.Claim();
            return await Explained(
                () =>
                {
                    Compose(compose);
                    return ServeCommands.OnPipes(Settings.Load(app: app), inbox: false);
                },
                inFull: () => false).ConfigureAwait(false);
        }

        var root = Root(app, args);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
        {
            return await Mistyped(parsed).ConfigureAwait(false);
        }

        // Help, the version and completions are nobody's agents.
        var command = parsed.CommandResult.Command;
        var isCommand = command is not RootCommand && parsed.Action == command.Action;
        if (isCommand && command.Name == ServeCommands.OverPipes)
        {
            ProtocolOutput.Claim();
        }

        return await Explained(
            () =>
            {
                Compose(isCommand ? compose : null);
                var ending = parsed.CommandResult.Command.Name is ServeCommands.OverPipes or ServeCommands.OverHttp ? (TimeSpan?)null : Ending;
                return parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = ending });
            },
            inFull: () => parsed.GetValue(SharedOptions.Verbose)).ConfigureAwait(false);
    }

    // A name that is there already, or an agent that cannot be made so, is told in the words of whoever refused it.
    private static void Compose(Action? compose)
    {
        try
        {
            compose?.Invoke();
        }
        catch (ArgumentException e)
        {
            throw new CompositionException(e);
        }
    }

    private static async Task<int> Explained(Func<Task<int>> run, Func<bool> inFull)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var (code, message) = Explain(e);
            await Console.Error.WriteLineAsync(Screen.Clean(inFull() ? $"{message}\n{e}" : message)).ConfigureAwait(false);
            return code;
        }
    }

    private static AppCommand Root(AgentMcpApp? app, string[] args)
    {
        var root = new AppCommand(app, "Small, focused agents as MCP tools. A call survives timeouts, restarts and people who answer tomorrow.");
        foreach (var option in SharedOptions.All)
        {
            root.Options.Add(option);
        }

        Help.Extend(root);
        Help.Of(root, [.. app is null ? (string[])["agentmcp demo", "agentmcp call calculator \"multiply 3 and 4\" --model rules"] : [], "agentmcp threads --status pending", "agentmcp doctor"]);
        // A host starts one server a session, and the others are of no use to it.
        foreach (var command in args is ["stdio", ..] ? [ServeCommands.Stdio()] : (Command[])
            [
                ServeCommands.Stdio(), ServeCommands.Http(), .. app is null ? (Command[])[DemoCommand.Create(), ShopCommand.Create()] : [], AgentsCommand.Create(),
                CheckCommand.Create(), .. app is null ? (Command[])[NewCommand.Create()] : [], RecordCommand.Create(), ReplayCommand.Create(), CallCommand.Create(),
                ThreadsCommand.Create(), ShowCommand.Create(), AnswerCommand.Create(), InboxCommand.Create(), CancelCommand.Create(),
                TriggersCommand.Create(), BackupCommands.Backup(), BackupCommands.Restore(), PurgeCommand.Create(), KeysCommand.Create(), AuditCommand.Create(), DoctorCommand.Create(),
            ])
        {
            root.Subcommands.Add(command);
        }

        return root;
    }

    private static async Task<int> Mistyped(ParseResult parsed)
    {
        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
        }

        var names = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
        await Console.Error.WriteLineAsync($"See: agentmcp {names}--help").ConfigureAwait(false);
        return ExitCode.Unusable;
    }

    // The message alone is for the user; where it came from is for whoever asks with --verbose.
    internal static (int Code, string Message) Explain(Exception e) => e switch
    {
        RefusedException => (ExitCode.Refused, e.Message),
        OperationCanceledException => (ExitCode.Interrupted, "Interrupted."),
        UsageException or SettingsException or DatabaseException or ModelException or CaseFileException or AgentFileException or CompositionException => (ExitCode.Unusable, e.Message),
        SqliteException => (ExitCode.Unusable, $"The database cannot be used: {e.Message} agentmcp doctor shows which file it is."),
        InvalidDataException => (ExitCode.Unusable, $"The thread's log cannot be read. {e.Message}"),
        IOException { InnerException: AddressInUseException } => (ExitCode.Unusable, $"{e.Message} Choose another port with --port (AGENTMCP_PORT)."),
        IOException or UnauthorizedAccessException => (ExitCode.Unusable, e.Message),
        _ => (ExitCode.Defect, $"An internal error: {e.Message.Split('\n')[0].Trim()} Run the command again with --verbose to see where."),
    };
}

/// <summary>The program itself, with what somebody's own brings to it.</summary>
internal sealed class AppCommand(AgentMcpApp? app, string description) : RootCommand(description)
{
    public AgentMcpApp? App => app;
}

/// <summary>A command line that makes no sense, which only shows once it is looked at as a whole.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Agents or tools that a program of somebody's own cannot have, or not beside each other.</summary>
internal sealed class CompositionException(ArgumentException inner) : Exception(inner.Message, inner);
