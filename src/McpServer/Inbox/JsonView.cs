using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Inbox;

/// <summary>A JSON value as a person reads it: names and values, nested as far as that stays readable. Pure.</summary>
internal static class JsonView
{
    private const int Deepest = 4;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 256,
    };

    public static Html Of(JsonText value) => Of(value.Element(), 0);

    /// <summary>The exact JSON, indented.</summary>
    public static Html Exact(JsonText value) => Html.Of($"""<pre class="json" tabindex="0">{JsonSerializer.Serialize(value.Element(), Indented)}</pre>""");

    private static Html Of(JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.Object when depth < Deepest && value.EnumerateObject().Any() => Html.Of($"""
            <dl class="values">{value.EnumerateObject().Select(member => Html.Of($"""<div><dt>{member.Name}</dt><dd>{Of(member.Value, depth + 1)}</dd></div>""")).ToList()}</dl>
            """),
        JsonValueKind.Array when depth < Deepest && value.GetArrayLength() > 0 => Html.Of($"""
            <ol class="values">{value.EnumerateArray().Select(item => Html.Of($"<li>{Of(item, depth + 1)}</li>")).ToList()}</ol>
            """),
        JsonValueKind.String when value.GetString() is { Length: > 0 } text => Html.Of($"""<span class="text">{text}</span>"""),
        JsonValueKind.String => Html.Of($"""<span class="empty">empty text</span>"""),
        JsonValueKind.Null => Html.Of($"""<span class="empty">nothing</span>"""),
        _ => Html.Of($"<code>{JsonSerializer.Serialize(value, Indented)}</code>"),
    };
}
