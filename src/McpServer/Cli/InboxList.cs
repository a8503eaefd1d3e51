using System.CommandLine;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Spectre.Console;

namespace AgentMcp.Server.Cli;

/// <summary>The list behind <c>agentmcp inbox</c>: the same as in the browser, newest first.</summary>
internal static class InboxList
{
    private const int MostShown = 50;
    private const string Leave = "leave";

    public static async Task<int> Run(Core core, Screen screen, ParseResult parsed, CancellationToken cancellation)
    {
        if (screen.WantsJson)
        {
            Json(EachOpen(core, (log, _) => ThreadResult.Of(core, log)));
            return ExitCode.Done;
        }

        while (true)
        {
            var (open, unreadable) = EachOpen(core, (_, asking) => asking);
            foreach (var (thread, reason) in unreadable)
            {
                screen.Line($"{thread} cannot be read: {reason}", Tone.Bad);
            }

            var all = open.SelectMany(asking => asking).ToList();
            if (all.Count == 0)
            {
                screen.Line(unreadable.Count == 0 ? "Nothing waits for you." : "Nothing else waits for you.");
                return ExitCode.Done;
            }

            if (screen.Person is not { } person)
            {
                Print(screen, all, SharedOptions.Given(parsed));
                return ExitCode.Done;
            }

            if (await Choose(person, all, cancellation).ConfigureAwait(false) is not { } chosen)
            {
                return ExitCode.Done;
            }

            await Answer(core, screen, parsed, person, chosen, cancellation).ConfigureAwait(false);
            screen.Line();
        }
    }

    /// <summary>What is made of each thread that asks something, newest first, and those of which nothing can be made: they keep nobody from the others.</summary>
    private static (List<T> Open, List<(string Thread, string Reason)> Unreadable) EachOpen<T>(Core core, Func<ThreadLog, IReadOnlyList<Asking>, T> make)
    {
        var (open, unreadable) = (new List<T>(), new List<(string, string)>());
        foreach (var row in core.Pending.List(new(core.Access.SightOf(Principal.Local), Limit: MostShown)).Rows)
        {
            try
            {
                // It may have been answered since the list was read.
                var log = core.Access.Get(ThreadId.Parse(row.ThreadId), Principal.Local);
                if (WaitingFor.Alone(log).Answerable is { Count: > 0 } asking)
                {
                    open.Add(make(log, asking));
                }
            }
            catch (Exception e) when (DatabaseException.IsOfOneLog(e))
            {
                unreadable.Add((row.ThreadId, e.Message));
            }
        }

        return (open, unreadable);
    }

    private static void Json((List<JsonText> Open, List<(string Thread, string Reason)> Unreadable) all) => Screen.Json(JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("pending");
        foreach (var thread in all.Open)
        {
            writer.WriteRawValue(thread.Text);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("unreadable");
        foreach (var (thread, reason) in all.Unreadable)
        {
            writer.WriteStartObject();
            writer.WriteString("thread_id", thread);
            writer.WriteString("reason", reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }));

    private static void Print(Screen screen, List<Asking> all, IEnumerable<string> settings)
    {
        foreach (var (log, open) in all)
        {
            var asked = open.Asked;
            screen.Line(($"{log.Thread.Start.Agent}  ", Tone.Strong), ($"{WireName.Of(asked.Kind)}  {asked.At:yyyy-MM-dd HH:mm:ss}Z  {log.Thread.Id}", Tone.Dim));
            screen.Block(asked.Question);
        }

        screen.Line();
        screen.Line($"Answer one with: agentmcp answer {string.Join(' ', ["THREAD", .. settings])}", Tone.Dim);
    }

    private static async Task<Asking?> Choose(IAnsiConsole person, List<Asking> all, CancellationToken cancellation)
    {
        var words = all.ToDictionary(asking => $"{asking.Log.Thread.Start.Agent}: {Screen.Clean(asking.Open.Asked.Question).ReplaceLineEndings(" ")}  ({asking.Id})", asking => asking);
        var chosen = await new SelectionPrompt<string> { Title = $"{all.Count} waiting", Converter = Markup.Escape }
            .AddChoices([.. words.Keys, Leave]).ShowAsync(person, cancellation).ConfigureAwait(false);
        return words.GetValueOrDefault(chosen);
    }

    private static async Task Answer(Core core, Screen screen, ParseResult parsed, IAnsiConsole person, Asking asking, CancellationToken cancellation)
    {
        var (log, open) = asking;
        screen.Line(NextMove.Sentence(WaitingFor.Alone(log)), Tone.Wait);
        ThreadView.Request(screen, open.Asked.Context, options: null);
        if (await PersonsAnswer.To(open.Asked, person, cancellation).ConfigureAwait(false) is not { } answer)
        {
            return;
        }

        try
        {
            await core.Host.Answer(log.Thread.Id, Terminal.Person, open.Id, answer.Approved, answer.Response, answer.Comment, answer.Arguments, log.Thread.Start.Principal).ConfigureAwait(false);
            await CoreCommand.Follow(core, screen, parsed, log.Thread.Id, seconds: null, cancellation).ConfigureAwait(false);
        }
        catch (RefusedException e)
        {
            // Somebody else was quicker, or the answer does not fit: the list goes on.
            screen.Line(e.Message, Tone.Bad);
        }
    }
}
