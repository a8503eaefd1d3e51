using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMcp.Server.Triggers;

// The envelopes other software sends: a type, whether it is only a test, and the event. What is not named here is left
// unread: senders add members over time, and none of them concerns an agent.

internal sealed record Envelope(string? Type, bool IsTest = false, JsonElement Event = default)
{
    public const string Slack = "agent_slack.received";
    public const string Email = "agent_email.received";
    public const string Conversation = "conversation.created";
    public const string HumanContact = "human_contact.completed";
    public const string FunctionCall = "function_call.completed";

    public static readonly IReadOnlyList<string> Types = [Slack, Email, Conversation, HumanContact, FunctionCall];
}

/// <summary><c>agent_slack.received</c>. The last message is the one that is meant; those before it are what was said in the thread.</summary>
internal sealed record SlackReceived(string ChannelId, string? ThreadTs = null, IReadOnlyList<SlackSaid?>? Events = null);

internal sealed record SlackSaid(string FromUserId, string Content, string? MessageTs = null);

/// <summary><c>agent_email.received</c>.</summary>
internal sealed record EmailReceived(
    string FromAddress, string? Body = null, string? ToAddress = null, string? Subject = null, string? MessageId = null, IReadOnlyList<EarlierMail?>? PreviousThread = null);

internal sealed record EarlierMail(string? FromAddress = null, string? Subject = null, string? Content = null, string? Datetime = null);

/// <summary><c>conversation.created</c>: words for an agent, or the input it takes. The members may also be under <c>spec</c>.</summary>
internal sealed record ConversationCreated(
    string? UserMessage = null, string? AgentName = null, JsonElement Input = default, string? User = null, string? ConversationId = null, ConversationCreated? Spec = null);

/// <summary><c>human_contact.completed</c> and <c>function_call.completed</c>.</summary>
internal sealed record RequestCompleted(string CallId, CompletedSpec Spec, CompletedStatus Status);

internal sealed record CompletedSpec(CompletedState? State = null);

// What we say of a request comes back with its answer.
internal sealed record CompletedState(string? ThreadId = null, JsonElement Digest = default);

internal sealed record CompletedStatus(
    JsonElement Response = default, string? ResponseOptionName = null, bool? Approved = null, string? Comment = null, string? RejectOptionName = null, CompletedBy? UserInfo = null);

internal sealed record CompletedBy(string? By = null, string? Email = null, string? Name = null, string? Id = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(SlackReceived))]
[JsonSerializable(typeof(EmailReceived))]
[JsonSerializable(typeof(ConversationCreated))]
[JsonSerializable(typeof(RequestCompleted))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;
