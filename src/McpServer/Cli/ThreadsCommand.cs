using System.CommandLine;
using AgentMcp.Server.Access;
using AgentMcp.Server.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

internal static class ThreadsCommand
{
    public static Command Create()
    {
        var status = Named<ThreadStatus>("--status", "Only those that are");
        var agent = new Option<string?>("--agent") { Description = "Only those of one agent.", HelpName = "AGENT" };
        var kind = Named<RequestKind>("--kind", "Only those that wait for");
        var limit = new Option<int>("--limit") { Description = "How many at most, 1 to 200.", HelpName = "N", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 200)
            {
                given.AddError("--limit takes a number from 1 to 200.");
            }
        });
        var cursor = new Option<string?>("--cursor") { Description = "Where the page before ended: its last thread.", HelpName = "THREAD" };

        var command = new Command("threads", "List threads, newest first.") { status, agent, kind, limit, cursor };
        command.OnCore((core, screen, parsed, _) =>
        {
            var page = core.Host.List(new ThreadFilter(
                core.Access.SightOf(Principal.Local), ListThreadsTool.Named<ThreadStatus>(parsed.GetValue(status)), parsed.GetValue(agent), ListThreadsTool.Named<RequestKind>(parsed.GetValue(kind)),
                Cursor: CursorOf(parsed.GetValue(cursor)), Limit: parsed.GetValue(limit)));
            Print(screen, page);
            return Task.FromResult(ExitCode.Done);
        });
        Help.Of(command, "agentmcp threads --status pending", "agentmcp threads --agent deploybot --kind approval --json");
        return command;
    }

    private static void Print(Screen screen, ThreadPage page)
    {
        if (screen.WantsJson)
        {
            Screen.Json(ListThreadsTool.Json(page));
            return;
        }

        if (page.Rows.Count == 0)
        {
            screen.Line("There are no such threads.");
            return;
        }

        screen.Table(
            ["THREAD", "AGENT", "STATUS", "EVENTS", "UPDATED"],
            [.. page.Rows.Select(row => (string[])[row.ThreadId, row.Agent, row.Kind is null ? row.Status : $"{row.Status} ({row.Kind})", $"{row.Version}",
                $"{DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAt):yyyy-MM-dd HH:mm:ss}Z"])],
            cell => Enum.GetValues<ThreadStatus>().Where(one => cell.Split(' ')[0] == WireName.Of(one)).Select(ThreadView.ToneOf).FirstOrDefault());
        if (page.Next is { } next)
        {
            screen.Line($"There are more: --cursor {next}", Tone.Dim);
        }
    }

    private static ThreadId? CursorOf(string? text) => text is null ? null
        : ThreadId.TryParse(text, out var id) ? id : throw new UsageException($"'{Screen.Clean(text)}' is no cursor; it is the last thread of the page before.");

    private static Option<string?> Named<T>(string name, string description)
        where T : struct, Enum
    {
        var names = Enum.GetValues<T>().Select(WireName.Of).ToArray();
        var option = new Option<string?>(name) { Description = $"{description}: {string.Join(", ", names)}.", HelpName = name.TrimStart('-').ToUpperInvariant() };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } value && !names.Contains(value))
            {
                given.AddError($"{name} takes one of {string.Join(", ", names)}, not '{Screen.Clean(value)}'.");
            }
        });
        return option;
    }
}
