using System.CommandLine;
using AgentMcp.Agents.Files;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Cli;

/// <summary>Deletes what is old and has ended. The only way in which an event is ever deleted.</summary>
internal static class PurgeCommand
{
    public static Command Create()
    {
        var age = new Option<string?>("--older-than") { Description = $"Only trees of threads that have ended and have not changed for so long: {Duration.Example}.", HelpName = "TIME" };
        age.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } text && !Duration.TryParse(text, out _))
            {
                given.AddError($"--older-than must be a time such as {Duration.Example}, not '{Screen.Clean(text)}'.");
            }
        });
        var dryRun = new Option<bool>("--dry-run") { Description = "List what would be deleted, and delete nothing." };
        var log = new Option<bool>("--log") { Description = "List what was purged before: when, by whom, how much." };
        var command = new Command("purge", "Delete whole trees of threads that ended long ago, and record that. What runs, waits or still has to be told stays.") { age, dryRun, log };
        command.SetAction(parsed =>
        {
            var screen = new Screen(parsed.GetValue(SharedOptions.Json));
            using var database = Database.Open(SharedOptions.SettingsOf(parsed).Database);
            var purges = new Purges(database);
            if (parsed.GetValue(log))
            {
                Log(screen, purges.All());
                return;
            }

            if (parsed.GetValue(age) is not { } text || !Duration.TryParse(text, out var length))
            {
                throw new UsageException("What is old enough? Say so with --older-than, such as --older-than 90d.");
            }

            var now = TimeProvider.System.GetUtcNow();
            if (parsed.GetValue(dryRun))
            {
                Preview(screen, purges.Preview(now - length));
            }
            else
            {
                var isHeld = false;
                Done(screen, purges.Run(now - length, Principals.Local, now, () => isHeld = true), isHeld);
            }
        });
        Help.Of(command, "agentmcp purge --older-than 90d --dry-run", "agentmcp purge --older-than 90d", "agentmcp purge --log");
        return command;
    }

    private static void Preview(Screen screen, IReadOnlyList<PurgedThread> threads)
    {
        if (screen.WantsJson)
        {
            Screen.Json(JsonText.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("would_purge");
                foreach (var thread in threads)
                {
                    writer.WriteStartObject();
                    writer.WriteString("thread_id", thread.ThreadId);
                    writer.WriteString("agent", thread.Agent);
                    writer.WriteNumber("events", thread.Events);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }));
            return;
        }

        if (threads.Count > 0)
        {
            screen.Table(["THREAD", "AGENT", "EVENTS"], [.. threads.Select(thread => (string[])[thread.ThreadId, thread.Agent, $"{thread.Events}"])]);
        }

        screen.Line($"{threads.Count} threads with {threads.Sum(thread => thread.Events)} events would be deleted. Nothing was.");
    }

    private static void Done(Screen screen, PurgeRecord? purge, bool isHeld)
    {
        if (isHeld)
        {
            Console.Error.WriteLine("Another program is reading the database, so what was deleted can still be found in its files. Run the purge again later to overwrite it.");
        }

        if (screen.WantsJson)
        {
            Screen.Json(JsonText.Write(writer => Write(writer, purge)));
        }
        else
        {
            screen.Line(purge is null ? "There is nothing to purge." : $"Purge {purge.Id} deleted {purge.Threads} threads with {purge.Events} events for good.", Tone.Good);
        }
    }

    private static void Log(Screen screen, IReadOnlyList<PurgeRecord> purges)
    {
        if (screen.WantsJson)
        {
            Screen.Json(JsonText.Write(writer =>
            {
                writer.WriteStartArray();
                foreach (var purge in purges)
                {
                    Write(writer, purge);
                }

                writer.WriteEndArray();
            }));
            return;
        }

        if (purges.Count == 0)
        {
            screen.Line("Nothing was ever purged.");
            return;
        }

        screen.Table(["PURGE", "AT", "BY", "UNCHANGED SINCE", "THREADS", "EVENTS"],
            [.. purges.Select(purge => (string[])[$"{purge.Id}", $"{purge.At:yyyy-MM-dd HH:mm:ss}Z", purge.By, $"{purge.Before:yyyy-MM-dd HH:mm:ss}Z", $"{purge.Threads}", $"{purge.Events}"])]);
    }

    private static void Write(System.Text.Json.Utf8JsonWriter writer, PurgeRecord? purge)
    {
        if (purge is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("purge", purge.Id);
        writer.WriteString("at", purge.At);
        writer.WriteString("by", purge.By);
        writer.WriteString("before", purge.Before);
        writer.WriteNumber("threads", purge.Threads);
        writer.WriteNumber("events", purge.Events);
        writer.WriteEndObject();
    }
}
