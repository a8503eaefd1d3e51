using System.Text.Json;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>What Slack refuses of messages and forms, from its reference of blocks. Null when it takes them.</summary>
internal static class SlackLimits
{
    public static string? Problem(string method, JsonElement body) => method switch
    {
        "chat.postMessage" or "chat.update" => Needed(body, "channel") ?? (method == "chat.update" ? Needed(body, "ts") : null)
            ?? (body.GetProperty("text").GetString()!.Length > 40_000 ? "msg_too_long" : null) ?? Blocks(body.GetProperty("blocks"), 50),
        "views.open" => Needed(body, "trigger_id") ?? View(body.GetProperty("view")),
        "chat.postEphemeral" => Needed(body, "channel") ?? Needed(body, "user") ?? Needed(body, "text"),
        _ => "unknown_method",
    };

    private static string? View(JsonElement view) =>
        view.GetProperty("type").GetString() != "modal" || Length(view, "title") > 24 || Length(view, "submit") > 24 || Length(view, "close") > 24
            || view.GetProperty("private_metadata").GetString()!.Length > 3000 || view.GetProperty("callback_id").GetString()!.Length > 255
            ? "invalid_arguments" : Blocks(view.GetProperty("blocks"), 100);

    private static string? Blocks(JsonElement blocks, int most) =>
        blocks.GetArrayLength() > most || blocks.EnumerateArray().Any(block => !IsGood(block)) ? "invalid_blocks" : null;

    private static bool IsGood(JsonElement block) => block.GetProperty("type").GetString() switch
    {
        "section" => Length(block, "text") is >= 1 and <= 3000,
        "context" => block.GetProperty("elements").GetArrayLength() is >= 1 and <= 10 && block.GetProperty("elements").EnumerateArray().All(element => element.GetProperty("text").GetString()!.Length is >= 1 and <= 3000),
        "actions" => block.GetProperty("elements") is var elements && elements.GetArrayLength() is >= 1 and <= 25
            && elements.EnumerateArray().All(IsGoodElement)
            && elements.EnumerateArray().Select(element => element.GetProperty("action_id").GetString()).Distinct().Count() == elements.GetArrayLength(),
        "rich_text" => block.GetProperty("elements")[0].GetProperty("elements")[0].GetProperty("text").GetString()!.Length is >= 1 and <= 3000,
        "input" => Length(block, "label") is >= 1 and <= 2000 && block.GetProperty("element").GetProperty("max_length").GetInt32() <= 3000,
        _ => false,
    };

    private static bool IsGoodElement(JsonElement element) => element.GetProperty("action_id").GetString()!.Length <= 255 && element.GetProperty("type").GetString() switch
    {
        "button" => Length(element, "text") is >= 1 and <= 75 && element.GetProperty("value").GetString()!.Length <= 2000
            && (!element.TryGetProperty("style", out var style) || style.GetString() is "primary" or "danger"),
        "static_select" => element.GetProperty("options").GetArrayLength() is >= 1 and <= 100 && Length(element, "placeholder") <= 150
            && element.GetProperty("options").EnumerateArray().All(option => Length(option, "text") is >= 1 and <= 75 && option.GetProperty("value").GetString()!.Length <= 150),
        _ => false,
    };

    private static int Length(JsonElement holder, string name) => holder.GetProperty(name).GetProperty("text").GetString()!.Length;

    private static string? Needed(JsonElement body, string name) => body.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } ? null : $"missing_{name}";
}
