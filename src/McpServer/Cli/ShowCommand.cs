using System.CommandLine;
using AgentMcp.Agents.Prompting;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

internal static class ShowCommand
{
    private const int LongestLine = 200;
    private const int MostLines = 12;

    public static Command Create()
    {
        var thread = CoreCommand.Thread();
        var prompt = new Option<int?>("--prompt") { Description = "Print the exact input the model had for the step chosen at this version.", HelpName = "STEP" };
        var command = new Command("show", "Show what happened to a thread, and where it stands. --json prints every event in full.") { thread, prompt };
        command.OnCore((core, screen, parsed, _) =>
        {
            var log = core.Access.Get(parsed.GetValue(thread), Principal.Local);
            switch (parsed.GetValue(prompt))
            {
                case { } step:
                    Prompt(core, screen, log, step);
                    break;
                case null when screen.WantsJson:
                    Screen.Json(ThreadResult.Of(core, log, withEvents: true));
                    break;
                default:
                    Timeline(screen, log);
                    Used(core, screen, log.Thread);
                    ThreadView.Show(core, screen, parsed, log);
                    break;
            }

            return Task.FromResult(ExitCode.Done);
        });
        Help.Of(command, "agentmcp show thr_0198c0a1...", "agentmcp show thr_0198c0a1... --prompt 2", "agentmcp show thr_0198c0a1... --json");
        return command;
    }

    private static void Timeline(Screen screen, ThreadLog log)
    {
        screen.Line(($"{log.Thread.Start.Agent}", Tone.Strong), ($"  {log.Thread.Id}  ", Tone.Dim), (WireName.Of(log.Thread.Status), ThreadView.ToneOf(log.Thread.Status)));
        for (var version = 1; version <= log.Events.Count; version++)
        {
            var happened = log.Events[version - 1];
            var (title, detail) = Transcript.Describe(happened, log);
            screen.Line(($"{version,4}  {happened.At:HH:mm:ss.fff}  ", Tone.Dim), (title.ReplaceLineEndings(" "), ToneOf(happened)), (UsageText.Of(happened) is { } used ? $"  {used}" : "", Tone.Dim));
            if (detail is { Length: > 0 })
            {
                screen.Block(Shortened(detail), Tone.Dim, indent: 20);
            }
        }

        screen.Line();
    }

    private static void Used(Core core, Screen screen, AgentThread thread)
    {
        if (thread.Usage is not { InputTokens: 0, OutputTokens: 0 })
        {
            screen.Line($"Used: {UsageText.Of(thread.Usage, thread.UnpricedSteps)}", Tone.Dim);
        }

        if (RunUsage.Of(core, thread, Principal.Local) is { Usage: not { InputTokens: 0, OutputTokens: 0 } } run)
        {
            screen.Line($"Used by {(run.IsWhole ? $"the {run.Threads} threads of this run" : $"{run.Threads} threads of this run, all that can be read")}: {run.Text}", Tone.Dim);
        }
    }

    private static void Prompt(Core core, Screen screen, ThreadLog log, int step)
    {
        List<int> steps = [.. Enumerable.Range(1, log.Events.Count).Where(version => PromptRenderer.WasAsked(log.Events[version - 1]))];
        if (log.Thread.State is ThreadState.Waiting { Request.Asked.Kind: RequestKind.NextStep })
        {
            // The step to come, for whoever is asked to choose it.
            steps.Add(log.Thread.Version + 1);
        }

        if (!steps.Contains(step))
        {
            throw new UsageException(steps.Count == 0
                ? $"{log.Thread.Id} has no step yet."
                : $"Version {step} of {log.Thread.Id} is not a step. Its steps are at the versions {string.Join(", ", steps)}.");
        }

        var prompt = PromptRenderer.RenderFor(core.Host.AgentAt(log, step), log.Events, step);
        if (screen.WantsJson)
        {
            Screen.Json(JsonText.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("system", prompt.System);
                writer.WriteString("user", prompt.User);
                writer.WritePropertyName("schema");
                writer.WriteRawValue(prompt.Schema.Text);
                writer.WriteEndObject();
            }));
            return;
        }

        screen.Exact($"--- system ---\n{prompt.System}\n--- user ---\n{prompt.User}\n");
    }

    private static string Shortened(string detail)
    {
        var lines = detail.ReplaceLineEndings("\n").Trim().Split('\n');
        var shown = lines.Take(MostLines).Select(line => line.Length > LongestLine ? line[..LongestLine] + "..." : line);
        return string.Join('\n', lines.Length > MostLines ? shown.Append($"... and {lines.Length - MostLines} more lines") : shown);
    }

    private static Tone ToneOf(ThreadEvent happened) => happened switch
    {
        RequestOpened => Tone.Wait,
        ThreadCompleted or RequestAnswered { Approved: true } => Tone.Good,
        ToolFailed or StepRejected or ThreadFailed or AnswerRefused or DeliveryFailed => Tone.Bad,
        ThreadCancelled => Tone.Dim,
        _ => Tone.Plain,
    };
}
