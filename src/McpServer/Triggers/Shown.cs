using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Triggers;

/// <summary>What an agent reads of a message from outside: who, where and what. Nothing one could reply to by itself. Pure.</summary>
internal static class Shown
{
    public const string SlackTag = "slack_message_received";
    public const string EmailTag = "email_received";
    public const string MessageTag = "message_received";

    public static JsonText Message(string text) => Object(("message", text));

    public static JsonText Slack(string from, string channel, string text, IEnumerable<(string From, string Text)> earlier) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        Write(json, ("from", from), ("channel", channel), ("text", text));
        Earlier(json, "earlier_messages", earlier.Select(one => new[] { ("from", (string?)one.From), ("text", one.Text) }));
        json.WriteEndObject();
    });

    public static JsonText Email(string from, string? to, string? subject, string body, IEnumerable<EarlierMail> earlier) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        Write(json, ("from", from), ("to", to), ("subject", subject), ("body", body));
        Earlier(json, "earlier_thread", earlier.Select(mail => new[] { ("from", mail.FromAddress), ("date", mail.Datetime), ("subject", mail.Subject), ("body", mail.Content) }));
        json.WriteEndObject();
    });

    private static JsonText Object(params (string Name, string? Value)[] members) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        Write(json, members);
        json.WriteEndObject();
    });

    private static void Earlier(Utf8JsonWriter json, string name, IEnumerable<(string Name, string? Value)[]> items)
    {
        if (items.ToList() is { Count: > 0 } said)
        {
            json.WriteStartArray(name);
            foreach (var item in said)
            {
                json.WriteStartObject();
                Write(json, item);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter json, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        foreach (var (name, value) in members)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    }
}
