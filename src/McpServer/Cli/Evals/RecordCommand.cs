using System.CommandLine;
using AgentMcp.Agents;
using AgentMcp.Agents.Evals;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli.Evals;

internal static class RecordCommand
{
    public static Command Create()
    {
        var thread = CoreCommand.Thread();
        var file = new Option<string?>("--out") { Description = "The file to write; standard output when left out. A file that is there already is left alone.", HelpName = "FILE" }.NeverEmpty();
        var eval = new Option<bool>("--eval") { Description = "Leave out what the agent was and what the model was shown: the case is then about the agent of the day it is replayed." };
        var command = new Command("record", "Write a thread as a case: its events, and for each step what the model was shown and said. Secrets and names of people are replaced.")
        {
            thread, file, eval,
        };
        command.OnCore(async (core, screen, parsed, cancellation) =>
        {
            var text = CaseFile.Write(Record(core, parsed.GetValue(thread), parsed.GetValue(eval)));
            if (parsed.GetValue(file) is not { } path)
            {
                screen.Exact(text);
                return ExitCode.Done;
            }

            await Write(path, text, cancellation).ConfigureAwait(false);
            screen.Line($"Recorded in {path}. Look through it before you share it: what people wrote is in it as they wrote it.");
            screen.Line($"Run it again with: agentmcp replay {Shell.Quote(path)}");
            return ExitCode.Done;
        });
        Help.Of(command, "agentmcp record thr_0198c0a1... --out cases/denied.json", "agentmcp record thr_0198c0a1... --eval --out evals/denied.json");
        return command;
    }

    private static Case Record(Core core, ThreadId id, bool asEval)
    {
        var log = core.Access.Get(id, Principal.Local);
        var agent = core.Host.AgentOf(log.Thread);
        return Recorder.Record(log, core.Host.DefinitionOf(log.Thread) ?? Definition.Of(agent).Json, agent, asEval);
    }

    private static async Task Write(string path, string text, CancellationToken cancellation)
    {
        if (File.Exists(path))
        {
            throw new RefusedException(RefusalCode.InvalidInput, $"{path} is there already and was left as it is. Choose another name with --out, or remove it first.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllTextAsync(path, text, cancellation).ConfigureAwait(false);
    }
}
