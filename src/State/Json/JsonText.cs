using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Json;

/// <summary>
/// A JSON value as its canonical text: no white space, members in the order given, only what must be escaped
/// escaped. Two equal texts are the same value, so records that carry one keep value equality.
/// </summary>
[JsonConverter(typeof(JsonTextConverter))]
public readonly record struct JsonText
{
    private static readonly JsonWriterOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    // What is read at the edge nests up to 64 deep; inside an event or another value it sits deeper.
    private static readonly JsonDocumentOptions Nested = new() { MaxDepth = ThreadJson.MaxDepth };
    private readonly string? _text;

    // The default value is null too, and must equal it.
    private JsonText(string text) => _text = text == "null" ? null : text;

    public static JsonText Null => default;

    public string Text => _text ?? "null";

    public bool IsNull => _text is null;

    /// <exception cref="JsonException">The text is not one JSON value.</exception>
    public static JsonText Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return From(document.RootElement);
        }
        catch (ArgumentException e)
        {
            // Half of a surrogate pair, outside of any string as well.
            throw new JsonException(e.Message, e);
        }
    }

    public static bool TryParse(string text, out JsonText json)
    {
        try
        {
            json = Parse(text);
            return true;
        }
        catch (JsonException)
        {
            json = Null;
            return false;
        }
    }

    /// <exception cref="JsonException">A string in it is half of a surrogate pair, which is no text.</exception>
    public static JsonText From(JsonElement value)
    {
        try
        {
            return Write(value.WriteTo);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public static JsonText Of(string? value) => value is null ? Null : Write(writer => writer.WriteStringValue(value));

    public static JsonText Of(bool value) => new(value ? "true" : "false");

    public static JsonText Write(Action<Utf8JsonWriter> write)
    {
        var (buffer, writer) = Scratch.Take();
        write(writer);
        writer.Flush();
        var json = new JsonText(Encoding.UTF8.GetString(buffer.WrittenSpan));
        Scratch.GiveBack(buffer, writer);
        return json;
    }

    /// <summary>The value parsed; it owns its memory and needs no disposing.</summary>
    public JsonElement Element() => JsonElement.Parse(Text, Nested);

    /// <summary>The string inside a JSON string, or null when the value is of another type.</summary>
    public string? AsString() => Text.StartsWith('"') ? Element().GetString() : null;

    public override string ToString() => Text;

    // What a text is written into is kept for the next one of its thread; whoever writes inside a write finds none and makes its own.
    private static class Scratch
    {
        private const int MostKept = 64 * 1024;

        [ThreadStatic]
        private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _idle;

        public static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) Take()
        {
            if (_idle is { } idle)
            {
                _idle = null;
                return idle;
            }

            var buffer = new ArrayBufferWriter<byte>(1024);
            return (buffer, new Utf8JsonWriter(buffer, Canonical));
        }

        public static void GiveBack(ArrayBufferWriter<byte> buffer, Utf8JsonWriter writer)
        {
            if (buffer.Capacity <= MostKept)
            {
                buffer.ResetWrittenCount();
                writer.Reset();
                _idle = (buffer, writer);
            }
        }
    }

    internal sealed class JsonTextConverter : JsonConverter<JsonText>
    {
        public override bool HandleNull => true;

        public override JsonText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            From(JsonElement.ParseValue(ref reader));

        public override void Write(Utf8JsonWriter writer, JsonText value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Text, skipInputValidation: true);
    }
}
