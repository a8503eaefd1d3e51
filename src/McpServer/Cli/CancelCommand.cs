using System.CommandLine;
using AgentMcp.Server.Access;
using AgentMcp.Server.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

internal static class CancelCommand
{
    public static Command Create()
    {
        var thread = CoreCommand.Thread();
        var reason = new Option<string?>("--reason") { Description = "Why; it is kept with the thread.", HelpName = "TEXT" };
        var command = new Command("cancel", "End a thread for good. What has happened stays.") { thread, reason };
        command.OnCore(async (core, screen, parsed, _) =>
        {
            var id = parsed.GetValue(thread);
            var before = core.Access.Get(id, Principal.Local).Thread;
            await core.Host.Cancel(id, Terminal.Person, parsed.GetValue(reason), before.Start.Principal).ConfigureAwait(false);
            var after = core.Access.Get(id, Principal.Local);
            ThreadView.Show(core, screen, parsed, after);
            if (after.Thread.Status == ThreadStatus.Cancelled)
            {
                return ExitCode.Done;
            }

            await Console.Error.WriteLineAsync($"It had already ended; nothing was changed at version {before.Version}.").ConfigureAwait(false);
            return ExitCode.Refused;
        });
        Help.Of(command, "agentmcp cancel thr_0198c0a1... --reason \"not needed any more\"");
        return command;
    }
}
