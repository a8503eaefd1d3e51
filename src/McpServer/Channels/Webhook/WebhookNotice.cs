using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Channels.Webhook;

/// <summary>A notice as a receiver reads it: what happened, when, and everything there is to know to answer. Pure.</summary>
internal static class WebhookNotice
{
    public static JsonText Json(Notice notice) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", notice.Kind switch
        {
            DeliveryKind.Ended => $"thread.{WireName.Of(notice.Ending!.Status)}",
            DeliveryKind.Request or DeliveryKind.Reply => "request.opened",
            DeliveryKind.Reminder => "request.reminder",
            DeliveryKind.Escalation => "request.escalated",
            _ => "request.closed",
        });
        writer.WriteString("timestamp", notice.At);
        writer.WriteStartObject("data");
        if (notice.Ending is { } ending)
        {
            Write(writer, notice, ending);
        }
        else
        {
            Write(writer, notice, notice.Asked);
        }

        Conversation(writer, notice.Delivery.Place?.Address);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>Words for whoever spoke in a conversation.</summary>
    public static JsonText Said(JsonText conversation, string words, DateTimeOffset at) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "conversation.said");
        writer.WriteString("timestamp", at);
        writer.WriteStartObject("data");
        writer.WriteString("message", words);
        Conversation(writer, conversation);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static void Conversation(Utf8JsonWriter writer, JsonText? conversation)
    {
        if (conversation is { IsNull: false } named)
        {
            Raw(writer, "conversation_id", named);
        }
    }

    private static void Write(Utf8JsonWriter writer, Notice notice, Ending ending)
    {
        writer.WriteString("thread_id", notice.Thread.Value);
        writer.WriteString("agent", notice.Agent);
        writer.WriteString("status", WireName.Of(ending.Status));
        writer.WriteString("message", ending.Words);
        Raw(writer, "output", ending.Output);
    }

    private static void Write(Utf8JsonWriter writer, Notice notice, RequestOpened asked)
    {
        writer.WriteString("thread_id", notice.Thread.Value);
        writer.WriteString("request_id", notice.Request);
        writer.WriteString("digest", RequestDigest.Of(asked));
        writer.WriteString("agent", notice.Agent);
        writer.WriteString("kind", WireName.Of(asked.Kind));
        writer.WriteString("question", asked.Question);
        writer.WriteString("context", asked.Context);
        Raw(writer, "schema", asked.Schema);
        writer.WriteStartArray("options");
        foreach (var option in asked.Options ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("name", option.Name);
            writer.WriteString("title", option.Title);
            writer.WriteString("description", option.Description);
            writer.WriteString("prompt_fill", option.PromptFill);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (asked.Action is { } action)
        {
            writer.WriteStartObject("action");
            writer.WriteString("tool", action.Tool);
            Raw(writer, "arguments", action.Arguments);
            writer.WriteString("digest", action.Digest);
            Raw(writer, "changes_schema", asked.Changes);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("action");
        }

        writer.WriteStartArray("responders");
        foreach (var responder in asked.Responders ?? [])
        {
            writer.WriteStringValue(responder);
        }

        writer.WriteEndArray();
        writer.WriteString("requested_at", asked.At);
        Raw(writer, "expires_at", asked.DueAt is { } due ? JsonText.Of(due.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", System.Globalization.CultureInfo.InvariantCulture)) : null);
        writer.WriteString("url", notice.Links.Page(notice.Request));
        writer.WriteString("outcome", notice.Outcome);
        if (notice.Delivery.Note is { } note)
        {
            writer.WriteString("escalation_msg", note);
        }
    }

    private static void Raw(Utf8JsonWriter writer, string name, JsonText? value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue((value ?? JsonText.Null).Text);
    }
}
