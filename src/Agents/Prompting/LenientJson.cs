using System.Text;
using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Prompting;

/// <summary>Finds the JSON objects in a model's reply: through fences, prose, comments and trailing commas.</summary>
internal static class LenientJson
{
    private const int MostAttempts = 200;

    private static readonly JsonReaderOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 };

    public static IReadOnlyList<JsonElement> Objects(string reply)
    {
        var bytes = Encoding.UTF8.GetBytes(reply);
        var found = new List<JsonElement>();
        var attempts = 0;
        for (var at = Array.IndexOf(bytes, (byte)'{'); at >= 0 && at < bytes.Length && attempts < MostAttempts; at = Array.IndexOf(bytes, (byte)'{', at))
        {
            attempts++;
            at += TryRead(bytes.AsSpan(at), out var value) is var length and > 0 ? length : 1;
            if (value.ValueKind == JsonValueKind.Object)
            {
                found.Add(value);
            }
        }

        return found;
    }

    private static int TryRead(ReadOnlySpan<byte> bytes, out JsonElement value)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes, isFinalBlock: true, new JsonReaderState(Options));
            value = JsonElement.ParseValue(ref reader);
            // Text that is not Unicode is found only when it is read.
            _ = JsonText.From(value);
            return (int)reader.BytesConsumed;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not every brace opens an object: prose has braces too. But what lies inside a broken object is no step.
            value = default;
            return Broken(bytes);
        }
    }

    private static int Broken(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: true, new JsonReaderState(Options));
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            // As far as it could be read.
        }

        return Math.Max(1, (int)reader.BytesConsumed);
    }
}
