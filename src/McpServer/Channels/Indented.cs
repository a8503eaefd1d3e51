using System.Text.Encodings.Web;
using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Channels;

/// <summary>JSON as a person reads it.</summary>
internal static class Indented
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(JsonText json) => JsonSerializer.Serialize(json.Element(), Form);
}
