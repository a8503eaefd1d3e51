using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>A conversation in Slack: a channel, and the message it began with.</summary>
internal sealed record SlackPlace(string Channel, string ThreadTs)
{
    public JsonText Json() => JsonText.Parse(JsonSerializer.Serialize(this, SlackPlaceJson.Default.SlackPlace));

    public static SlackPlace Read(JsonText stored) => JsonSerializer.Deserialize(stored.Text, SlackPlaceJson.Default.SlackPlace)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlackPlace))]
internal sealed partial class SlackPlaceJson : JsonSerializerContext;
