using System.Text.Json;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>The few parts of Block Kit that are used. Text for mrkdwn comes encoded, all other text as it is. Pure.</summary>
internal static class SlackBlocks
{
    public static void Button(Utf8JsonWriter json, string action, string label, string request, string? style = null)
    {
        json.WriteStartObject();
        json.WriteString("type", "button");
        json.WriteString("action_id", action);
        PlainText(json, "text", label);
        json.WriteString("value", request);
        if (style is not null)
        {
            json.WriteString("style", style);
        }

        json.WriteEndObject();
    }

    public static void PlainText(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "plain_text");
        json.WriteString("text", SlackText.Plain(text, SlackText.Label));
        json.WriteEndObject();
    }

    public static void Section(Utf8JsonWriter json, string mrkdwn)
    {
        json.WriteStartObject();
        json.WriteString("type", "section");
        Mrkdwn(json, "text", mrkdwn);
        json.WriteEndObject();
    }

    public static void Footer(Utf8JsonWriter json, string mrkdwn)
    {
        json.WriteStartObject();
        json.WriteString("type", "context");
        json.WriteStartArray("elements");
        Mrkdwn(json, null, mrkdwn);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Mrkdwn(Utf8JsonWriter json, string? name, string text)
    {
        if (name is null)
        {
            json.WriteStartObject();
        }
        else
        {
            json.WriteStartObject(name);
        }

        json.WriteString("type", "mrkdwn");
        json.WriteString("text", text);
        // Names and addresses in foreign text are not made into mentions and links.
        json.WriteBoolean("verbatim", true);
        json.WriteEndObject();
    }

    // Nothing inside is markup, and nothing inside can end it.
    public static void Code(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "rich_text");
        json.WriteStartArray("elements");
        json.WriteStartObject();
        json.WriteString("type", "rich_text_preformatted");
        json.WriteStartArray("elements");
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
