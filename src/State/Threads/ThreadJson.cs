using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMcp.State.Threads;

/// <summary>The one JSON form of the log.</summary>
public static class ThreadJson
{
    /// <summary>Values arrive at most 64 deep, and an event wraps them: what was written must always be readable.</summary>
    internal const int MaxDepth = 128;

    private static readonly LogContext Log = new(new JsonSerializerOptions(LogContext.Default.Options)
    {
        // Text stays readable in the database; it is encoded for a page or a prompt where it is shown.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
    });

    public static string Write(ThreadEvent happened) => JsonSerializer.Serialize(happened, Log.ThreadEvent);

    /// <exception cref="InvalidDataException">The text is no event of this version of the program.</exception>
    public static ThreadEvent Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Log.ThreadEvent) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"A stored event cannot be read; was it written by a newer version, or changed by hand?{Place(e)}", e);
        }
    }

    // The serializer's own words name our types; the place is what helps to find it.
    private static string Place(Exception e) => e is JsonException { Path: { Length: > 1 } path } ? $" The trouble is at {path}." : " It is no event that is known here.";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    Converters = [typeof(SnakeCaseEnums<RequestKind>), typeof(SnakeCaseEnums<AnswerableBy>), typeof(SnakeCaseEnums<Limit>), typeof(SnakeCaseEnums<Verdict>)])]
[JsonSerializable(typeof(ThreadEvent))]
internal sealed partial class LogContext : JsonSerializerContext;

internal sealed class SnakeCaseEnums<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>The wire name of a kind or policy, the same everywhere: <c>external_result</c>.</summary>
public static class WireName
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
