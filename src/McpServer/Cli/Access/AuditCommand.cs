using System.CommandLine;
using System.Text.Json;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Cli.Access;

/// <summary>Who started, answered, cancelled, forked and purged, and what was done with keys: oldest first, a line each.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var since = new Option<string?>("--since") { Description = $"Only what was done since: {AuditLines.SinceForm}.", HelpName = "TIME" };
        var command = new Command("audit", "Tell who did what, oldest first: threads started, spoken to, answered, cancelled and forked, purges, keys. With --json as JSON lines, to be kept elsewhere.") { since };
        command.SetAction(parsed =>
        {
            using var database = Database.Open(SharedOptions.SettingsOf(parsed).Database);
            var screen = new Screen(parsed.GetValue(SharedOptions.Json));
            var from = AuditLines.Since(parsed.GetValue(since), TimeProvider.System.GetUtcNow())
                ?? throw new UsageException($"--since takes {AuditLines.SinceForm}; not '{Screen.Clean(parsed.GetValue(since)!)}'.");
            foreach (var line in new AuditTrail(database).Since(from))
            {
                if (screen.WantsJson)
                {
                    Console.Out.WriteLine(Visible.InJson(AuditLines.Json(line)));
                }
                else
                {
                    screen.Line($"{line.At[..19]}Z  {line.By} {Words(line)} through {line.Channel}");
                }
            }

            return ExitCode.Done;
        });
        Help.Of(command, "agentmcp audit --since 7d", "agentmcp audit --json > audit.jsonl");
        return command;
    }

    private static string Words(AuditLine line) => line.Action switch
    {
        "thread_started" => $"started {line.ThreadId} ({line.Agent})",
        "message_received" => $"spoke to {Thread(line)}",
        "request_answered" => $"answered {Request(line)} of {line.Agent}{Decision(line)}{Asked(line)}",
        "answer_refused" => $"was refused an answer to {Request(line)} of {line.Agent}{Asked(line)}",
        "thread_cancelled" => $"cancelled {Thread(line)}",
        "thread_forked" => $"forked {line.Data.Element().GetProperty("from").GetString()} to {Thread(line)}",
        "key_created" => $"made the key of {line.Data.Element().GetProperty("name").GetString()}",
        "key_revoked" => $"revoked the key of {line.Data.Element().GetProperty("name").GetString()}",
        "threads_purged" => $"purged {line.Data.Element().GetProperty("threads").GetArrayLength()} threads",
        var other => other.Replace('_', ' '),
    };

    private static string Thread(AuditLine line) => $"{line.ThreadId} ({line.Agent}, of {line.Owner})";

    private static string Request(AuditLine line) => $"req_{line.ThreadId![4..]}_{line.Data.Element().GetProperty("request").GetInt32()}";

    private static string Decision(AuditLine line) =>
        line.Data.Element().TryGetProperty("approved", out var approved) && approved.ValueKind is JsonValueKind.True or JsonValueKind.False ? approved.GetBoolean() ? " with yes" : " with no" : "";

    private static string Asked(AuditLine line)
    {
        if (line.Asked?.Element() is not { } asked)
        {
            return "";
        }

        var instead = line.Data.Element().TryGetProperty("arguments", out var changed) && changed.ValueKind != JsonValueKind.Null ? $"{changed.GetRawText()} instead of " : "";
        return $": {asked.GetProperty("tool").GetString()} {instead}{asked.GetProperty("arguments").GetRawText()} ({asked.GetProperty("digest").GetString()})";
    }
}
