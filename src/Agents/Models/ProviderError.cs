using System.Net;
using System.Text.Json;

namespace AgentMcp.Agents.Models;

/// <summary>What a provider said was wrong, in one line that is fit to be shown: short, and without the key.</summary>
internal static class ProviderError
{
    private const int Longest = 300;

    public static string Reason(HttpResponseMessage response, string body, ModelSettings settings)
    {
        var said = Message(body);
        return OneLine(string.IsNullOrWhiteSpace(said) ? response.ReasonPhrase ?? "without a reason" : said, settings);
    }

    public static string OneLine(string text, ModelSettings settings)
    {
        // Some servers repeat the key they refuse.
        var safe = string.IsNullOrEmpty(settings.ApiKey) ? text : text.Replace(settings.ApiKey, "***", StringComparison.Ordinal);
        var line = safe.Trim().Split('\n')[0].TrimEnd('.', ' ', '\r');
        return line.Length > Longest ? line[..Longest] + "..." : line;
    }

    public static string Advice(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "Check the API key (AGENTMCP_API_KEY, or the provider's own variable).",
        HttpStatusCode.NotFound => "Check the name of the model and the base URL.",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => "Redirects are not followed; check the base URL.",
        _ => "Check the name of the model and its settings.",
    };

    /// <summary>Anthropic and OpenAI say <c>{"error": {"message"}}</c>; compatible servers also <c>error</c>, <c>message</c> or <c>detail</c> as text.</summary>
    private static string? Message(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return Member(root, "error") is { ValueKind: JsonValueKind.Object } error ? Text(error, "message") : Text(root, "error") ?? Text(root, "message") ?? Text(root, "detail");
        }
        catch (JsonException)
        {
            // A proxy's page is worth less than the status line.
            return body.TrimStart().StartsWith('<') ? null : body;
        }
    }

    private static string? Text(JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member : null;
}
