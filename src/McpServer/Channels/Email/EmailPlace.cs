using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Channels.Email;

/// <summary>The mail that is replied to.</summary>
/// <param name="References">The messages before it, oldest first.</param>
internal sealed record EmailPlace(string To, string? Subject, string? MessageId, IReadOnlyList<string> References)
{
    public JsonText Json() => JsonText.Parse(JsonSerializer.Serialize(this, EmailPlaceJson.Default.EmailPlace));

    public static EmailPlace Read(JsonText stored) => JsonSerializer.Deserialize(stored.Text, EmailPlaceJson.Default.EmailPlace)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EmailPlace))]
internal sealed partial class EmailPlaceJson : JsonSerializerContext;
