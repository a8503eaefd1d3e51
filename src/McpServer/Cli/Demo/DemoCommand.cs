using System.CommandLine;
using AgentMcp.Server.Cli.Demo.Pipeline;
using Spectre.Console;

namespace AgentMcp.Server.Cli.Demo;

internal static class DemoCommand
{
    public static Command Create()
    {
        var yes = new Option<bool>("--yes") { Description = "Ask nothing: reject the first proposal with \"deploy the backend first\", approve the rest." };
        var keep = new Option<bool>("--keep") { Description = "Leave the temporary folder and say where it is." };
        var inbox = new Option<bool>("--inbox") { Description = "Answer in the browser once the second server runs: a link is printed, and the demo waits." };
        var pipeline = new Option<bool>("--pipeline") { Description = "Show the whole way from a merge to tested production, and a deploy that is rolled back." };
        var command = new Command("demo", "Watch a deploy survive the death of its server: real git, real processes, the official MCP client. Needs git, no key and no network.") { yes, inbox, pipeline, keep };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(inbox) && parsed.GetValue(pipeline))
            {
                parsed.AddError("--inbox and --pipeline are two demos; choose one of them.");
            }
        });
        command.SetAction((parsed, cancellation) => parsed.GetValue(pipeline)
            ? PipelineDemo.Run(new Screen(parsed.GetValue(SharedOptions.Json)), parsed.GetValue(yes), parsed.GetValue(keep), cancellation)
            : Run(new Screen(parsed.GetValue(SharedOptions.Json)), parsed.GetValue(yes), parsed.GetValue(inbox), parsed.GetValue(keep), cancellation));
        Help.Of(command, "agentmcp demo", "agentmcp demo --pipeline", "agentmcp demo --inbox", "agentmcp demo --yes", "agentmcp demo --keep");
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
        return DemoChecks.Show(screen, checks, keep ? playground.Setup : null);
    }

    /// <summary>Rejects the first proposal and approves so many after it.</summary>
    public static Decider Script(int approvals = 2)
    {
        var answers = new Queue<PersonsAnswer>([new(false, null, "deploy the backend first"), .. Enumerable.Repeat(new PersonsAnswer(true, null, null), approvals)]);
        return (request, _) => Task.FromResult(request.Kind == "approval" && answers.TryDequeue(out var answer)
            ? answer
            : throw new IOException($"The demo was asked something it has no answer to: {request.Question}"));
    }

    public static Decider Ask(IAnsiConsole person) => async (request, cancellation) =>
        (request is { Kind: "approval" or "budget" } ? await PersonsAnswer.YesOrNo(person, mayWait: false, cancellation).ConfigureAwait(false)
            : request.Options is { Count: > 0 } options ? await PersonsAnswer.OneOf(person, [.. options.Select(option => option.Name)], cancellation).ConfigureAwait(false)
            : await PersonsAnswer.Words(person, "Your answer", cancellation).ConfigureAwait(false))!;
}
