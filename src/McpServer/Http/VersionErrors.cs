using System.Text.Json;
using AgentMcp.State.Json;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Http;

/// <summary>
/// Tells a client which versions it can have of those it can ask for in the way it asked. This server has both: the
/// stateless version in every request, and older ones by the handshake. The SDK names all of them to whoever asks for an
/// unknown one, so that a stateless client would come back with one that only sessions have; and to an <c>initialize</c>
/// that asks for a stateless version it says no, but opens a session that nobody will use. Both are answered here.
/// </summary>
internal static class VersionErrors
{
    public static IReadOnlyList<string> Stateless { get; } = ["2026-07-28"];

    public static IReadOnlyList<string> OfSessions { get; } = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    private const int UnsupportedProtocolVersion = -32022;

    // What is known is left to the SDK without a look at the body.
    public static Task Check(HttpContext context, RequestDelegate next) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments("/mcp") && context.Request.Headers["Mcp-Session-Id"].Count == 0
            && context.Request.Headers["MCP-Protocol-Version"].ToString() is var header && !Stateless.Contains(header) && !OfSessions.Contains(header)
            ? Check(context, header, next)
            : next(context);

    private static async Task Check(HttpContext context, string header, RequestDelegate next)
    {
        if (await Read(context).ConfigureAwait(false) is { } message && Refusal(message, header) is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(refusal.Text, context.RequestAborted).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
    }

    private static JsonText? Refusal(JsonElement message, string header) => (Text(message, "method"), Member(message, "params")) switch
    {
        ("initialize", { } asked) when header.Length == 0 && Text(asked, "protocolVersion") is { } wanted && IsStateless(wanted) => Error(message, wanted, OfSessions,
            $"Version {wanted} has no initialize; send each request with its version in _meta, or initialize with one of {string.Join(", ", OfSessions)}."),
        ({ }, { } asked) when header.Length > 0 && Member(asked, "_meta") is { } meta && Text(meta, "io.modelcontextprotocol/protocolVersion") == header => Error(message, header, Stateless,
            $"Version {header} is not one of this server; without a session it has {string.Join(", ", Stateless)}."),
        _ => null,
    };

    // Versions are dates, and order as text.
    private static bool IsStateless(string version) => string.CompareOrdinal(version, Stateless[0]) >= 0;

    private static JsonText Error(JsonElement message, string requested, IReadOnlyList<string> supported, string words) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WritePropertyName("id");
        if (Member(message, "id") is { ValueKind: JsonValueKind.String or JsonValueKind.Number } id)
        {
            id.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteStartObject("error");
        writer.WriteNumber("code", UnsupportedProtocolVersion);
        writer.WriteString("message", words);
        writer.WriteStartObject("data");
        writer.WriteStartArray("supported");
        supported.ToList().ForEach(writer.WriteStringValue);
        writer.WriteEndArray();
        writer.WriteString("requested", requested);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    // The body is read again by whoever answers. One that is no JSON is the SDK's to refuse.
    private static async Task<JsonElement?> Read(HttpContext context)
    {
        context.Request.EnableBuffering();
        try
        {
            return await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            context.Request.Body.Position = 0;
        }
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement json, string name) => Member(json, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
