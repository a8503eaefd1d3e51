using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.Server.Channels.Slack;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Triggers;

/// <summary>
/// What people say to the bot of a Slack app: a mention, a direct message, or a word in a conversation that a thread
/// belongs to. Everything else an app may hear is left alone and not stored.
/// </summary>
internal sealed class SlackTrigger : ITrigger
{
    private readonly TriggerSettings _settings;
    private readonly SlackChannel _slack;

    public SlackTrigger(TriggerSettings settings) =>
        (_settings, _slack) = (settings, settings.Through<SlackChannel>() ?? throw settings.Wrong("its channel must be one of type slack: the app it listens to"));

    public string Name => _settings.Name;

    public string Type => _settings.Type;

    public Receipt Read(Post post)
    {
        if (!_slack.Signed(post.Header("X-Slack-Request-Timestamp"), post.Header("X-Slack-Signature"), post.Body, post.At))
        {
            return new Receipt.Refused(Status400BadRequest, "invalid_signature", "This was not signed by Slack for this app, or too long ago.");
        }

        try
        {
            return JsonSerializer.Deserialize(post.Body, SlackEventJson.Default.SlackCall) switch
            {
                { Type: "url_verification", Challenge: { } challenge } => new Receipt.Echo(challenge),
                { Type: "event_callback", Event: { } happened } call => Heard(happened, call, post),
                _ => new Receipt.Ignored("it is no event"),
            };
        }
        catch (JsonException)
        {
            return new Receipt.Refused(Status400BadRequest, "invalid_body", "This is not what Slack sends.");
        }
    }

    public async Task<Incoming.Message> Introduce(Incoming.Message message)
    {
        var place = SlackPlace.Read(message.Place!.Value);
        var from = await _slack.NameOf(message.Id!).ConfigureAwait(false) ?? message.Id!;
        var where = await _slack.NameOfChannel(place.Channel).ConfigureAwait(false) ?? place.Channel;
        return message with { From = from, Shown = Shown.Slack(from, where, message.Words!, []) };
    }

    private Receipt Heard(SlackEvent said, SlackCall call, Post post)
    {
        if (said is not { User: { } user, Channel: { } channel, Ts: { } ts, BotId: null, Subtype: null or "file_share" or "thread_broadcast" })
        {
            return new Receipt.Ignored("it is nothing a person said");
        }

        var conversation = $"{channel}/{said.ThreadTs ?? ts}";
        var isForIt = said.Type == "app_mention" || (said.Type == "message" && (said.ChannelType == "im" || (said.ThreadTs is not null && post.Knows(conversation))));
        var words = SlackText.Decoded(said.Text ?? "", call.Authorizations?.Select(one => one?.UserId) ?? []);
        return (isForIt, _settings.LetsIn(user), _settings.AgentFor(channel)) switch
        {
            (false, _, _) => new Receipt.Ignored("nobody spoke to it"),
            (_, false, _) => new Receipt.Ignored("whoever said it is not one this trigger listens to"),
            (_, _, null) => new Receipt.Ignored("no agent is for this channel"),
            _ when words.Length == 0 => new Receipt.Ignored("it has no words"),
            // A mention is also a message, and both may be subscribed to: what is said at one moment in one place is one thing.
            (_, _, { } agent) => new Receipt.Taken($"{channel}/{ts}", new Incoming.Message(
                agent, user, Shown.SlackTag, Shown.Slack(user, channel, words, []), words, IsVouched: true,
                conversation, null, _slack.Name, new SlackPlace(channel, said.ThreadTs ?? ts).Json(), Id: user)),
        };
    }
}

internal sealed record SlackCall(string? Type, string? Challenge = null, SlackEvent? Event = null, IReadOnlyList<SlackAuthorization?>? Authorizations = null);

internal sealed record SlackEvent(
    string? Type, string? Subtype = null, string? User = null, string? BotId = null, string? Text = null, string? Channel = null, string? ChannelType = null,
    string? Ts = null, string? ThreadTs = null);

internal sealed record SlackAuthorization(string? UserId = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlackCall))]
internal sealed partial class SlackEventJson : JsonSerializerContext;
