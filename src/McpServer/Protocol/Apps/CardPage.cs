using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Apps;

/// <summary>
/// The card as one HTML file without anything outside it. Its policy allows the one style and the one script in it by
/// their hashes and no connection at all, whatever the host's own policy is.
/// </summary>
internal static class CardPage
{
    public const string Uri = "ui://agentmcp/request.html";
    private static readonly string[] Scripts = ["bridge.js", "page.js", "values.js", "fields.js", "changes.js", "answers.js", "views.js", "card.js"];
    private static readonly Lazy<string> Page = new(Make);

    public static Resource Resource => new()
    {
        Uri = Uri,
        Name = "request",
        Title = "Request card",
        Description = "Shows where a thread stands, and lets a person answer what it asks.",
        MimeType = AppsExtension.HtmlType,
        Meta = Meta(),
    };

    public static ReadResourceResult Read() => new() { Contents = [new TextResourceContents { Uri = Uri, MimeType = AppsExtension.HtmlType, Text = Page.Value, Meta = Meta() }] };

    private static JsonObject Meta() => new() { ["ui"] = new JsonObject { ["csp"] = new JsonObject(), ["prefersBorder"] = true } };

    private static string Make()
    {
        var style = Part("card.css");
        var script = $"(() => {{\n\"use strict\";\n{string.Concat(Scripts.Select(Part))}}})();\n";
        return Part("request.html")
            .Replace("{{policy}}", $"default-src 'none'; style-src {Hash(style)}; script-src {Hash(script)}; base-uri 'none'; form-action 'none'", StringComparison.Ordinal)
            .Replace("{{style}}", style, StringComparison.Ordinal)
            .Replace("{{script}}", script, StringComparison.Ordinal);
    }

    private static string Hash(string content) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";

    private static string Part(string name)
    {
        using var reader = new StreamReader(typeof(CardPage).Assembly.GetManifestResourceStream("card/" + name)!);
        return reader.ReadToEnd();
    }
}
