using System.CommandLine;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Cli;

/// <summary>A copy of all threads, and the way back. Servers may go on meanwhile.</summary>
internal static class BackupCommands
{
    // What signs forms and links is made anew where it is missing, and is no part of a file that may be carried elsewhere.
    private const string Secrets = "The secrets beside it (.key, -access) are not in it: after a restore open forms are asked again and people sign in again.";

    public static Command Backup()
    {
        var file = File("Where to write it; a file that is there is never written over.");
        var command = new Command("backup", "Copy the database, whole and consistent, also while servers run.") { file };
        command.SetAction(parsed =>
        {
            using var database = Database.OpenAsItIs(SharedOptions.SettingsOf(parsed).Database);
            var path = Path.GetFullPath(parsed.GetValue(file)!);
            Show(parsed, "Backed up to", path, State.Sqlite.Backup.Make(database, path), Secrets);
        });
        Help.Of(command, "agentmcp backup threads-monday.db", "agentmcp backup /backups/threads.db --json");
        return command;
    }

    public static Command Restore()
    {
        var file = File("A file that agentmcp backup wrote.");
        var command = new Command("restore", "Put a backup where the database is to be. Refuses while there is one, or servers still use it.") { file };
        command.SetAction(parsed =>
        {
            var database = Path.GetFullPath(SharedOptions.SettingsOf(parsed).Database);
            Show(parsed, "Restored to", database, State.Sqlite.Backup.Restore(parsed.GetValue(file)!, database),
                "What happened after the backup is not in it. Threads that were running go on from there when a server starts.");
        });
        Help.Of(command, "agentmcp restore threads-monday.db", "agentmcp restore threads-monday.db --db elsewhere.db");
        return command;
    }

    private static Argument<string> File(string description) => new Argument<string>("FILE") { Description = description }.NeverEmpty();

    private static void Show(ParseResult parsed, string done, string path, BackupContent content, string note)
    {
        var screen = new Screen(parsed.GetValue(SharedOptions.Json));
        if (screen.WantsJson)
        {
            Screen.Json(JsonText.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("file", path);
                writer.WriteNumber("threads", content.Threads);
                writer.WriteNumber("events", content.Events);
                writer.WriteNumber("bytes", content.Bytes);
                writer.WriteEndObject();
            }));
            return;
        }

        screen.Line($"{done} {path}: {content.Threads} threads, {content.Events} events, {content.Bytes / 1024} KB.", Tone.Good);
        screen.Line(note, Tone.Dim);
    }
}
