using System.CommandLine;
using AgentMcp.Agents;
using AgentMcp.Agents.Evals;
using AgentMcp.Agents.Models;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli.Evals;

internal static class ReplayCommand
{
    private static readonly Argument<string[]> Cases = new("CASES") { Description = "Files that agentmcp record wrote, or folders of them.", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<string?> PromptFrom = new("--prompt-from") { Description = "Play the cases with the agent files of this folder and show what becomes of the prompts.", HelpName = "DIR" };

    private static readonly Option<int> Times = new("--times") { Description = "With --model: how often each step is asked for.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private static readonly Option<string?> Judge = new("--judge") { Description = "With --model: the model that answers what a judge is asked; by default the same.", HelpName = "MODEL" };

    public static Command Create()
    {
        var command = new Command("replay", "Run cases again. By itself with what the model said then, through the real loop; with --model by asking that model for each step. Tools are never run.")
        {
            Cases, PromptFrom, Times, Judge,
        };
        command.SetAction(Run);
        Help.Of(command, "agentmcp replay cases", "agentmcp replay cases/denied.json --prompt-from ./agents", "agentmcp replay cases --model anthropic:claude-sonnet-5 --times 3");
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(Times) is < 1 or > 1000)
        {
            throw new UsageException("--times takes a number from 1 to 1000.");
        }

        var settings = SharedOptions.SettingsOf(parsed);
        var live = Live(settings, parsed);
        // All are read before any is run: a model that costs money is not asked for half of them.
        var cases = CaseFolder.Read(parsed.GetValue(Cases)!);
        var players = new Players(settings, parsed.GetValue(PromptFrom));
        var roles = cases.Select(found => players.For(found.Path, found.Case)).ToList();
        var screen = new Screen(parsed.GetValue(SharedOptions.Json));
        var view = new ReplayView(screen, promptsMayDiffer: parsed.GetValue(PromptFrom) is not null);
        foreach (var ((path, recorded), (agent, today)) in cases.Zip(roles))
        {
            view.Show(path, recorded, live is null
                ? await Replay.Run(recorded, agent, today).ConfigureAwait(false)
                : await screen.Busy($"{live.Value.Name} is asked about {path}", () => live.Value.Replay.Run(recorded, agent, cancellation)).ConfigureAwait(false));
        }

        return view.End() ? ExitCode.Done : ExitCode.Failed;
    }

    // Only a model that was named here is asked: that a server has one must not make a replay cost money.
    private static (string Name, LiveReplay Replay)? Live(Settings settings, ParseResult parsed)
    {
        if (SharedOptions.ModelOf(parsed) is not { } name)
        {
            return parsed.GetValue(Judge) is null && parsed.GetValue(Times) == 1 ? null
                : throw new UsageException("--times and --judge go with --model: without one, nobody is asked.");
        }

        var models = new ModelChoice(settings.Models, TimeProvider.System);
        var model = models.For(name);
        return model is CallerModel
            ? throw new UsageException("The model 'caller' is whoever calls, and nobody calls in a replay. Choose another --model.")
            // Rules play agents that have some; a judge has none.
            : (name, new LiveReplay(model, models.For(parsed.GetValue(Judge) ?? name) is var judge and not RulesModel ? judge : null, parsed.GetValue(Times)));
    }
}

/// <summary>Where cases are: the files that are named, and every JSON file below the folders that are.</summary>
internal static class CaseFolder
{
    public static IReadOnlyList<(string Path, Case Case)> Read(IEnumerable<string> places)
    {
        var found = places.SelectMany<string, string>(place => File.Exists(place) ? [place]
            : Directory.Exists(place) ? Directory.EnumerateFiles(place, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            : throw new UsageException($"There is no file or folder {place}.")).ToList();
        return found.Count == 0
            ? throw new UsageException("There is no case: no *.json file. agentmcp record THREAD --out FILE writes one.")
            : [.. found.Select(path => (path, CaseFile.Read(path)))];
    }
}
