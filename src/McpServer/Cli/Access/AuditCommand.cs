using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentMcp.Agents.Files;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Cli.Access;

/// <summary>Who started, answered, cancelled, forked and purged, and what was done with keys: oldest first, a line each.</summary>
internal static class AuditCommand
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What is told of an event beside who and when: what was decided, and on what.
    private static readonly string[] Told = ["request", "approved", "response", "comment", "arguments", "reason", "from", "trigger", "key", "name", "roles", "purge", "threads"];

    public static Command Create()
    {
        var since = new Option<string?>("--since") { Description = $"Only what was done since: a time such as 2026-05-04T10:00:00Z, or how long ago, such as 7d.", HelpName = "TIME" };
        var command = new Command("audit", "Tell who did what, oldest first: threads started, spoken to, answered, cancelled and forked, purges, keys. With --json as JSON lines, to be kept elsewhere.") { since };
        command.SetAction(parsed =>
        {
            using var database = Database.Open(SharedOptions.SettingsOf(parsed).Database);
            var screen = new Screen(parsed.GetValue(SharedOptions.Json));
            new AuditTrail(database).Read(Moment(parsed.GetValue(since)), line =>
            {
                if (screen.WantsJson)
                {
                    Console.Out.WriteLine(Visible.InJson(Json(line)));
                }
                else
                {
                    screen.Line($"{line.At[..19]}Z  {line.By} {Words(line)} through {line.Channel}");
                }
            });
            return ExitCode.Done;
        });
        Help.Of(command, "agentmcp audit --since 7d", "agentmcp audit --json > audit.jsonl");
        return command;
    }

    private static DateTimeOffset Moment(string? text) => text switch
    {
        null => DateTimeOffset.UnixEpoch,
        _ when Duration.TryParse(text, out var ago) => TimeProvider.System.GetUtcNow() - ago,
        _ when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) => moment,
        _ => throw new UsageException($"--since takes a time such as 2026-05-04T10:00:00Z, or how long ago, such as 7d; not '{Screen.Clean(text)}'."),
    };

    private static string Words(AuditLine line) => line.Action switch
    {
        "thread_started" => $"started {line.ThreadId} ({line.Agent})",
        "message_received" => $"spoke to {Thread(line)}",
        "request_answered" => $"answered {Request(line)} of {line.Agent}{Decision(line)}",
        "answer_refused" => $"was refused an answer to {Request(line)} of {line.Agent}",
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

    private static string Json(AuditLine line)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WriteString("at", line.At);
            writer.WriteString("action", line.Action);
            writer.WriteString("by", line.By);
            writer.WriteString("channel", line.Channel);
            if (line is { ThreadId: { } thread, Version: { } version })
            {
                writer.WriteString("thread_id", thread);
                writer.WriteNumber("version", version);
                writer.WriteString("agent", line.Agent);
                writer.WriteString("owner", line.Owner);
            }

            foreach (var member in line.Data.Element().EnumerateObject().Where(member => Told.Contains(member.Name) && member.Value.ValueKind != JsonValueKind.Null))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
