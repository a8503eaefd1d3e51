using System.Text.Json;
using System.Text.Unicode;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using ModelContextProtocol;

namespace AgentMcp.Server.Protocol;

/// <summary>
/// Looks a message over before the SDK reads it: what that cannot read it answers with the names of its types, or not
/// at all. One pass that allocates nothing, unless there are escapes that may be no text. Pure.
/// </summary>
internal static class MessageText
{
    private const int MostDepth = 64;

    /// <summary>What keeps this from being a JSON-RPC message, and the error code that goes with it; null when nothing does.</summary>
    public static (McpErrorCode Code, string Words)? Problem(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            return (McpErrorCode.ParseError, "The message is not UTF-8. Send JSON in UTF-8.");
        }

        try
        {
            if (text.IndexOf("\\ud"u8) >= 0 || text.IndexOf("\\uD"u8) >= 0)
            {
                Texts(text);
            }

            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MostDepth });
            return Shape(ref reader) is { } problem ? (McpErrorCode.InvalidRequest, problem) : null;
        }
        catch (JsonException e)
        {
            return (McpErrorCode.ParseError, $"The message is not JSON: {UnreadableJson.Reason(e)}");
        }
        catch (InvalidOperationException)
        {
            return (McpErrorCode.ParseError, "The message holds text that is not valid Unicode: half of a surrogate pair. Send the whole character, or leave it out.");
        }
    }

    /// <summary>What only shows once a part of the message is read: a name that an object has twice. Null when there is none.</summary>
    public static string? Twice(ReadOnlyMemory<byte> text)
    {
        try
        {
            JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MostDepth, AllowDuplicateProperties = false }).Dispose();
            return null;
        }
        catch (JsonException e)
        {
            return UnreadableJson.Say(e, "The message");
        }
    }

    /// <summary>The answer to what is no message, and so has no id that could be answered.</summary>
    public static string Error(McpErrorCode code, string words) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WriteNull("id");
        writer.WriteStartObject("error");
        writer.WriteNumber("code", (int)code);
        writer.WriteString("message", words);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }).Text;

    // Reading a text is what tells whether it is one.
    private static void Texts(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MostDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }

    private static string? Shape(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return reader.TokenType == JsonTokenType.StartArray
                ? "Batches are not part of this protocol: send one message at a time, a JSON object." : "A message is a JSON object with jsonrpc, method and, for a request, an id.";
        }

        string? problem = null;
        var isInParams = false;
        var (said, isJsonRpc) = (false, false);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth > (isInParams ? 2 : 1))
            {
                continue;
            }

            var isTop = reader.CurrentDepth == 1;
            isInParams &= !isTop;
            problem ??= isTop ? Member(ref reader, ref isInParams, ref said, ref isJsonRpc) : Name(ref reader);
        }

        return problem ?? (!isJsonRpc ? "jsonrpc must be \"2.0\"." : said ? null : "The message has neither a method nor a result nor an error.");
    }

    // Advances to the value, and no further: what is in it is read by the loop.
    private static string? Member(ref Utf8JsonReader reader, ref bool isInParams, ref bool said, ref bool isJsonRpc)
    {
        var (isVersion, isId, isMethod, isParams) = (reader.ValueTextEquals("jsonrpc"u8), reader.ValueTextEquals("id"u8), reader.ValueTextEquals("method"u8), reader.ValueTextEquals("params"u8));
        isJsonRpc |= isVersion;
        var isAnswer = reader.ValueTextEquals("result"u8) || reader.ValueTextEquals("error"u8);
        said |= isMethod || isAnswer;
        if (!(isVersion || isId || isMethod || isParams || isAnswer))
        {
            return "The message has a member that is not part of JSON-RPC: there are jsonrpc, id, method, params, result and error.";
        }

        reader.Read();
        isInParams = isParams && reader.TokenType == JsonTokenType.StartObject;
        return isVersion && !(reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("2.0"u8)) ? "jsonrpc must be \"2.0\"."
            : isId && !IsId(ref reader) ? "id must be a string or a whole number."
            : isMethod && !IsText(ref reader) ? "method must be a string."
            : isParams && reader.TokenType != JsonTokenType.StartObject ? "params must be an object."
            : null;
    }

    // By these a message is routed before anything else of it is looked at.
    private static string? Name(ref Utf8JsonReader reader)
    {
        var name = reader.ValueTextEquals("name"u8) ? "name" : reader.ValueTextEquals("uri"u8) ? "uri" : reader.ValueTextEquals("taskId"u8) ? "taskId" : null;
        if (name is null)
        {
            return null;
        }

        reader.Read();
        return IsText(ref reader) ? null : $"params.{name} must be a string.";
    }

    private static bool IsId(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number ? reader.TryGetInt64(out _) : IsText(ref reader);

    private static bool IsText(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String && (!reader.ValueIsEscaped || reader.GetString() is not null);
}
