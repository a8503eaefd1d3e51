using System.CommandLine;
using AgentMcp.State.Json;
using Spectre.Console;

namespace AgentMcp.Server.Cli.Demo;

internal static class DemoCommand
{
    public static Command Create()
    {
        var yes = new Option<bool>("--yes") { Description = "Ask nothing: reject the first proposal with \"deploy the backend first\", approve the rest." };
        var keep = new Option<bool>("--keep") { Description = "Leave the temporary folder and say where it is." };
        var inbox = new Option<bool>("--inbox") { Description = "Answer in the browser once the second server runs: a link is printed, and the demo waits." };
        var command = new Command("demo", "Watch a deploy survive the death of its server: real git, real processes, the official MCP client. Needs git, no key and no network.") { yes, inbox, keep };
        command.SetAction((parsed, cancellation) => Run(
            new Screen(parsed.GetValue(SharedOptions.Json)), parsed.GetValue(yes), parsed.GetValue(inbox), parsed.GetValue(keep), cancellation));
        Help.Of(command, "agentmcp demo", "agentmcp demo --inbox", "agentmcp demo --yes", "agentmcp demo --keep");
        return command;
    }

    private static async Task<int> Run(Screen screen, bool unattended, bool inBrowser, bool keep, CancellationToken cancellation)
    {
        using var playground = await Playground.Create(keep, cancellation).ConfigureAwait(false);
        var person = unattended ? null : screen.Person;
        screen.Line("A deploy that outlives its server", Tone.Strong);
        screen.Line(person is null
            ? "Unattended: the first proposal is rejected with \"deploy the backend first\", the rest is approved. The agent runs on built-in rules, no model."
            : "You decide what is deployed. Try: reject the first proposal with \"deploy the backend first\". The agent runs on built-in rules, no model.", Tone.Dim);
        using var inbox = inBrowser ? new DemoInbox(unattended: person is null) : null;
        var facts = await new DemoStory(playground, screen, person is null ? Script() : Ask(person), inbox, cancellation).Tell().ConfigureAwait(false);
        Check[] checks = [.. facts.Checks(await playground.ProductionTags(cancellation).ConfigureAwait(false), playground.Serving, playground.Switches)];
        Print(screen, checks, keep ? playground : null);
        return checks.All(check => check.Held) ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Print(Screen screen, Check[] checks, Playground? kept)
    {
        if (screen.WantsJson)
        {
            Screen.Json(JsonText.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("ok", checks.All(check => check.Held));
                writer.WriteStartArray("checks");
                foreach (var (what, held) in checks)
                {
                    writer.WriteStartObject();
                    writer.WriteString("what", what);
                    writer.WriteBoolean("held", held);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteString("folder", kept?.Folder);
                writer.WriteEndObject();
            }));
            return;
        }

        screen.Line();
        screen.Line("Checks", Tone.Strong);
        foreach (var (what, held) in checks)
        {
            screen.Line((held ? "   ok      " : "   FAILED  ", held ? Tone.Good : Tone.Bad), (what, Tone.Plain));
        }

        if (kept is not null)
        {
            screen.Line();
            screen.Line($"Everything is left in {kept.Folder}");
            screen.Line($"See the thread with: agentmcp threads --db {Shell.Quote(kept.Database)}", Tone.Dim);
        }
    }

    private static Decider Script()
    {
        var answers = new Queue<PersonsAnswer>([new(false, null, "deploy the backend first"), new(true, null, null), new(true, null, null)]);
        return (request, _) => Task.FromResult(request.Kind == "approval" && answers.TryDequeue(out var answer)
            ? answer
            : throw new IOException($"The demo was asked something it has no answer to: {request.Question}"));
    }

    private static Decider Ask(IAnsiConsole person) => async (request, cancellation) =>
        (request.Kind is "approval" or "budget"
            ? await PersonsAnswer.YesOrNo(person, mayWait: false, cancellation).ConfigureAwait(false)
            : await PersonsAnswer.Words(person, "Your answer", cancellation).ConfigureAwait(false))!;
}
