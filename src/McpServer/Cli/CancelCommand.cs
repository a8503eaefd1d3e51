using System.CommandLine;
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
            var before = core.Host.Get(id, Principals.Local).Thread;
            await core.Host.Cancel(id, new Responder(Principals.Local, "cli", IsHuman: true), parsed.GetValue(reason)).ConfigureAwait(false);
            var after = core.Host.Get(id, Principals.Local);
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
