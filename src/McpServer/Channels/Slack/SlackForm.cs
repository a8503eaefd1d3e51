using System.Text.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>The form that asks for words: why it is rejected, or what the answer is. Pure.</summary>
internal static class SlackForm
{
    public const string Block = "words";
    public const string Field = "words";

    private const int MostWords = 3000;

    /// <summary>Writes the members <c>trigger_id</c> and <c>view</c>.</summary>
    public static void Write(Utf8JsonWriter json, SlackInteraction pressed, string trigger, RequestOpened asked)
    {
        var reject = pressed.Action == SlackMessage.Reject;
        json.WriteString("trigger_id", trigger);
        json.WriteStartObject("view");
        json.WriteString("type", "modal");
        json.WriteString("callback_id", pressed.Action);
        json.WriteString("private_metadata", $"{pressed.Request}|{pressed.Channel}|{pressed.Message}|{RequestDigest.Mark(asked)}");
        SlackBlocks.PlainText(json, "title", reject ? "Reject" : "Answer");
        SlackBlocks.PlainText(json, "submit", reject ? "Reject" : "Send");
        SlackBlocks.PlainText(json, "close", "Back");
        json.WriteStartArray("blocks");
        SlackBlocks.Section(json, SlackText.Encoded(asked.Question));
        Words(json, optional: reject, reject ? "Why, or what should be done instead?" : asked.Schema is null ? "Your answer" : "Your answer, as JSON if it is more than words");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Words(Utf8JsonWriter json, bool optional, string label)
    {
        json.WriteStartObject();
        json.WriteString("type", "input");
        json.WriteString("block_id", Block);
        json.WriteBoolean("optional", optional);
        SlackBlocks.PlainText(json, "label", label);
        json.WriteStartObject("element");
        json.WriteString("type", "plain_text_input");
        json.WriteString("action_id", Field);
        json.WriteBoolean("multiline", true);
        json.WriteNumber("max_length", MostWords);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
