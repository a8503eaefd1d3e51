using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Channels.Email;
using AgentMcp.Server.Channels.Slack;
using AgentMcp.Server.Channels.Webhook;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace AgentMcp.Server.Triggers;

/// <summary>
/// Envelopes of other software, signed as Standard Webhooks has it: CI, other agents, a relay for Slack or mail. The
/// signature vouches for all that is in them. What answers a request names it; nothing is ever taken for whatever is open.
/// </summary>
internal sealed class WebhookTrigger : ITrigger
{
    private const int LongestName = 200;
    private readonly TriggerSettings _settings;
    private readonly WebhookSecrets _secrets;

    public WebhookTrigger(TriggerSettings settings)
    {
        _settings = settings;
        _secrets = settings.Find("secret") is not null ? new(settings)
            : settings.Through<WebhookChannel>()?.Secrets ?? throw settings.Wrong("it needs a secret, its own or that of a webhook channel it names");
    }

    public string Name => _settings.Name;

    public string Type => _settings.Type;

    public Receipt Read(Post post)
    {
        var id = post.Header("webhook-id");
        if (!_secrets.Signed(id, post.Header("webhook-timestamp"), post.Header("webhook-signature"), post.Body, post.At))
        {
            return Receipt.BadSignature;
        }

        try
        {
            return Read(Parse(post.Body, EnvelopeJson.Default.Envelope)) switch
            {
                (_, { } nothing) => nothing,
                (var what, _) => new Receipt.Taken(id, what!),
            };
        }
        catch (JsonException e)
        {
            return new Receipt.Refused(Status400BadRequest, "invalid_body", $"{Words(e)}. Send JSON with type, is_test and event; the types are {string.Join(", ", Envelope.Types)}.");
        }
    }

    // Where it names a place, it is the serializer that speaks.
    private static string Words(JsonException e) => (e.LineNumber is null ? e.Message : UnreadableJson.Say(e, "The body")).TrimEnd('.');

    private (Incoming? What, Receipt? Nothing) Read(Envelope envelope) => envelope switch
    {
        { IsTest: true } => (null, new Receipt.Ignored("a test")),
        { Type: Envelope.Slack } => Slack(Event(envelope, EnvelopeJson.Default.SlackReceived)),
        { Type: Envelope.Email } => Email(Event(envelope, EnvelopeJson.Default.EmailReceived)),
        { Type: Envelope.Conversation } => Conversation(Event(envelope, EnvelopeJson.Default.ConversationCreated)),
        { Type: Envelope.HumanContact } => (Answer(Event(envelope, EnvelopeJson.Default.RequestCompleted), isApproval: false), null),
        { Type: Envelope.FunctionCall } => (Answer(Event(envelope, EnvelopeJson.Default.RequestCompleted), isApproval: true), null),
        _ => throw new JsonException($"'{Short(envelope.Type)}' is no type of envelope"),
    };

    private (Incoming?, Receipt?) Slack(SlackReceived said)
    {
        var events = Whole(said.Events, "events");
        if (events is not [.., var last])
        {
            throw new JsonException("event.events is empty");
        }

        var root = said.ThreadTs ?? last.MessageTs ?? throw new JsonException("event has neither thread_ts nor a message_ts");
        return From(Envelope.Slack, last.FromUserId) ?? (new Incoming.Message(
            AgentFor(Envelope.Slack, said.ChannelId), last.FromUserId, Shown.SlackTag,
            Shown.Slack(last.FromUserId, said.ChannelId, last.Content, events.SkipLast(1).Select(one => (one.FromUserId, one.Content))), last.Content, IsVouched: true,
            $"{said.ChannelId}/{root}", null, _settings.Through<SlackChannel>()?.Name, new SlackPlace(said.ChannelId, root).Json()), null);
    }

    private (Incoming?, Receipt?) Email(EmailReceived mail) => From(Envelope.Email, mail.FromAddress) ?? (new Incoming.Message(
        AgentFor(Envelope.Email, mail.ToAddress), mail.FromAddress, Shown.EmailTag,
        Shown.Email(mail.FromAddress, mail.ToAddress, mail.Subject, mail.Body ?? "", Whole(mail.PreviousThread, "previous_thread")), mail.Body ?? "", IsVouched: true,
        mail.MessageId, null, _settings.Through<EmailChannel>()?.Name, new EmailPlace(mail.FromAddress, mail.Subject, mail.MessageId, []).Json(), Subject: mail.Subject), null);

    // The serializer looks at null where a member is, but not in a list.
    private static IReadOnlyList<T> Whole<T>(IReadOnlyList<T?>? items, string member)
        where T : class => items is null ? [] : [.. items.Select(item => item ?? throw new JsonException($"event.{member} has an item that is null"))];

    private (Incoming?, Receipt?) Conversation(ConversationCreated begun)
    {
        begun = begun.Spec ?? begun;
        var typed = begun.Input.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
        if (typed == begun.UserMessage is not null)
        {
            throw new JsonException("event must have either user_message or input");
        }

        var agent = begun.AgentName is { } named && !_settings.Starts.Contains(named)
            ? throw new JsonException($"the agent '{Short(named)}' is none that this trigger starts") : begun.AgentName ?? AgentFor(Envelope.Conversation);
        return From(Envelope.Conversation, begun.User) ?? (new Incoming.Message(
            agent, begun.User ?? Name, Shown.MessageTag, typed ? JsonText.From(begun.Input) : Shown.Message(begun.UserMessage!), begun.UserMessage, IsVouched: begun.User is not null,
            begun.ConversationId, null, _settings.Through<WebhookChannel>()?.Name, JsonText.Of(begun.ConversationId)), null);
    }

    // The id of the request is what counts; that its thread is named too lets a mix-up show.
    private Incoming.Answered Answer(RequestCompleted done, bool isApproval)
    {
        if (!RequestId.TryParse(done.CallId, out var thread, out _))
        {
            throw new JsonException("event.call_id must be the id of a request, such as req_...");
        }

        if (done.Spec.State?.ThreadId != thread.Value)
        {
            throw new JsonException("event.spec.state.thread_id must be the id of the thread the request is of");
        }

        var (who, status) = (done.Status.UserInfo, done.Status);
        var digest = done.Spec.State is { Digest: { ValueKind: JsonValueKind.String } told } ? told.GetString() : null;
        var by = who?.By ?? who?.Email ?? who?.Name ?? who?.Id ?? Name;
        return by.Length > LongestName || by.Any(char.IsControl) ? throw new JsonException("event.status.user_info must name who answered")
            : isApproval ? new(done.CallId, by, status.Approved ?? throw new JsonException("event.status.approved must be true or false"), Option(status.RejectOptionName), status.Comment, digest)
            : new(done.CallId, by, null, Option(status.ResponseOptionName) ?? (status.Response.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
                ? throw new JsonException("event.status must have a response or response_option_name") : JsonText.From(status.Response)), Digest: digest);

        static JsonText? Option(string? option) => option is null ? null : JsonText.Of(option);
    }

    private (Incoming?, Receipt?)? From(string type, string? sender) =>
        _settings.LetsIn(sender) ? null : (null, new Receipt.Ignored($"the sender of this {type} is not one this trigger listens to"));

    private string AgentFor(params ReadOnlySpan<string?> keys) => _settings.AgentFor(keys) ?? throw new JsonException("no agent of this trigger is for that");

    private static T Event<T>(Envelope envelope, JsonTypeInfo<T> type) => envelope.Event.ValueKind == JsonValueKind.Object
        ? envelope.Event.Deserialize(type) ?? throw new JsonException("event is null") : throw new JsonException("event must be an object");

    private static T Parse<T>(byte[] body, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(body, type) ?? throw new JsonException("it is null");

    private static string Short(string? text) => text is null ? "" : text.Length > 80 ? text[..80] + "..." : text;
}
