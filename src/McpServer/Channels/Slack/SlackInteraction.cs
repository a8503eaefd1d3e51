using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>What somebody did in Slack: pressed a button (or chose from a menu), or sent a form. Pure.</summary>
/// <param name="Words">What a form held; null for a button.</param>
/// <param name="Mark">Of what was asked; null of what was sent by a version that wrote none.</param>
internal sealed record SlackInteraction(
    string Action, string Request, string UserId, string UserName, string Channel, string Message, string? Trigger = null, string? Words = null, string? Mark = null)
{
    /// <summary>Null when it is none of ours, such as a link that was opened.</summary>
    /// <exception cref="JsonException">It is not what Slack sends.</exception>
    public static SlackInteraction? Read(string payload)
    {
        using var document = JsonDocument.Parse(payload);
        var json = document.RootElement;
        return Text(json, "type") switch
        {
            "block_actions" => Pressed(json),
            "view_submission" => Sent(json),
            _ => null,
        };
    }

    /// <summary>The words of a form that is opened by the button of the same name.</summary>
    public bool IsForm => Words is not null;

    /// <summary>Who did it, named as the request names its responders: by id, or by @name.</summary>
    public string By(RequestOpened asked) =>
        asked.Responders?.Contains(UserId, StringComparer.OrdinalIgnoreCase) == true ? UserId : "@" + UserName;

    /// <summary>As an answer; null when a form has to be filled in first.</summary>
    public ChannelAnswer? Answer(RequestOpened asked) => Action switch
    {
        SlackMessage.Approve => new(Request, Approved: true),
        SlackMessage.Reject when IsForm => new(Request, Approved: false, Comment: Words is { Length: > 0 } ? Words : null),
        SlackMessage.Answer when IsForm => new(Request, Response: JsonText.Of(Words)),
        _ when Option(SlackMessage.Reason, asked) is { } reason => new(Request, Approved: false, Response: JsonText.Of(reason.Name)),
        _ when Option(SlackMessage.Choice, asked) is { } choice => new(Request, Response: JsonText.Of(choice.Name)),
        _ => null,
    };

    private ResponseOption? Option(string prefix, RequestOpened asked)
    {
        var options = asked.Options ?? (asked.Kind == RequestKind.InDoubt ? InDoubtAnswer.Options : []);
        return Action.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(Action.AsSpan(prefix.Length), out var i) && i >= 0 && i < options.Count ? options[i] : null;
    }

    private static SlackInteraction? Pressed(JsonElement json)
    {
        var action = json.GetProperty("actions")[0];
        var value = action.TryGetProperty("selected_option", out var chosen) ? Text(chosen, "value") : $"{Text(action, "action_id")}|{Text(action, "value")}";
        var place = json.GetProperty("container");
        return value?.Split('|') is not [{ Length: > 0 } id, { Length: > 0 } request, .. var more] ? null : new(
            id, request, UserIdOf(json), UserNameOf(json), Text(place, "channel_id") ?? "", Text(place, "message_ts") ?? "", Text(json, "trigger_id"), Mark: more.FirstOrDefault());
    }

    private static SlackInteraction? Sent(JsonElement json)
    {
        var view = json.GetProperty("view");
        if (Text(view, "callback_id") is not { } action || Text(view, "private_metadata")?.Split('|') is not [var request, var channel, var message, .. var more])
        {
            return null;
        }

        var words = view.GetProperty("state").GetProperty("values").GetProperty(SlackForm.Block).GetProperty(SlackForm.Field);
        return new(action, request, UserIdOf(json), UserNameOf(json), channel, message, Words: Text(words, "value") ?? "", Mark: more.FirstOrDefault());
    }

    private static string UserIdOf(JsonElement json) => Text(json.GetProperty("user"), "id") ?? throw new JsonException("There is no user.");

    private static string UserNameOf(JsonElement json) =>
        Text(json.GetProperty("user"), "username") ?? Text(json.GetProperty("user"), "name") ?? UserIdOf(json);

    private static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
