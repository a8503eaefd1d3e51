using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentMcp.Agents.Files;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Access;

/// <summary>The audit trail as JSON lines, and the moment it is asked for from. The same at the command line and over REST.</summary>
internal static class AuditLines
{
    public const string SinceForm = "a time such as 2026-05-04T10:00:00Z, or how long ago, such as 7d";

    private static readonly JsonWriterOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What is told of an event beside who and when: what was decided, and on what.
    private static readonly string[] Told = ["request", "approved", "response", "comment", "arguments", "reason", "from", "trigger", "key", "name", "roles", "purge", "threads"];

    /// <summary>Null for a text that is no moment; for none, the beginning.</summary>
    public static DateTimeOffset? Since(string? text, DateTimeOffset now) => text switch
    {
        null => DateTimeOffset.UnixEpoch,
        _ when Duration.TryParse(text, out var ago) && ago < now - DateTimeOffset.UnixEpoch => now - ago,
        _ when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) => moment,
        _ => null,
    };

    public static string Json(AuditLine line)
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

            // As it was shown to whoever answered; "action" is what was done.
            if (line.Asked is { } asked)
            {
                writer.WritePropertyName("asked");
                writer.WriteRawValue(asked.Text, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
