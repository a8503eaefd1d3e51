using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMcp.State.Threads;

/// <summary>The id of a thread: <c>thr_</c> and a version 7 UUID (RFC 9562): time-ordered, 74 random bits.</summary>
[JsonConverter(typeof(ThreadIdConverter))]
public readonly record struct ThreadId
{
    public const string Prefix = "thr_";

    /// <summary>Characters of an id.</summary>
    public const int Length = 36;

    private const int Digits = 32;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly string? _value;

    private ThreadId(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("This thread id was never set.");

    internal string Hex => Value[Prefix.Length..];

    public static ThreadId New(DateTimeOffset now) => new(Prefix + Guid.CreateVersion7(now).ToString("N"));

    /// <summary>The lowest id a thread started at this moment can have; ids order by start time.</summary>
    public static string LowestAt(DateTimeOffset moment) =>
        Prefix + Math.Max(0, moment.ToUnixTimeMilliseconds()).ToString("x12", System.Globalization.CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out ThreadId id)
    {
        var valid = text is { Length: Length } && text.StartsWith(Prefix, StringComparison.Ordinal) && IsHex(text.AsSpan(Prefix.Length));
        id = valid ? new(text!) : default;
        return valid;
    }

    /// <exception cref="FormatException">The text is not a thread id.</exception>
    public static ThreadId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a thread id.");

    public override string ToString() => Value;

    private static bool IsHex(ReadOnlySpan<char> text) => text.Length == Digits && !text.ContainsAnyExcept(HexDigits);

    internal sealed class ThreadIdConverter : JsonConverter<ThreadId>
    {
        public override ThreadId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, ThreadId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}

/// <summary>One execution of a step: the version of the event that chose it. A fork so gets calls of its own.</summary>
[JsonConverter(typeof(CallIdConverter))]
public readonly record struct CallId(int Version)
{
    /// <summary>The key that makes a repeated effect harmless: <c>thread_id/call_id</c>.</summary>
    public string IdempotencyKey(ThreadId thread) => $"{thread}/{this}";

    public override string ToString() => $"call_{Version}";

    internal sealed class CallIdConverter : JsonConverter<CallId>
    {
        public override CallId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, CallId value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Version);
    }
}

/// <summary>
/// One request of a thread: the version of the event that opened it. Events store the bare number; outside, the id
/// also names the thread, so that it is unique everywhere and a fork never shares one with its original.
/// </summary>
[JsonConverter(typeof(RequestIdConverter))]
public readonly record struct RequestId(int Version)
{
    private const string Prefix = "req_";

    public string In(ThreadId thread) => $"{Prefix}{thread.Hex}_{Version}";

    public static bool TryParse(string? text, out ThreadId thread, out RequestId request)
    {
        (thread, request) = (default, default);
        var parts = text?.StartsWith(Prefix, StringComparison.Ordinal) == true ? text[Prefix.Length..].Split('_') : [];
        if (parts is not [var hex, var number] || !ThreadId.TryParse("thr_" + hex, out thread)
            || !int.TryParse(number, System.Globalization.NumberStyles.None, null, out var version))
        {
            return false;
        }

        request = new(version);
        return true;
    }

    internal sealed class RequestIdConverter : JsonConverter<RequestId>
    {
        public override RequestId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt32());

        public override void Write(Utf8JsonWriter writer, RequestId value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Version);
    }
}
