using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.State.Threads;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace AgentMcp.Server.Rest;

[Description("A question for a person: anything that is no yes or no to one action.")]
internal sealed record HumanContact(
    [property: Description("The thread everything began with.")] string RunId,
    [property: Description("The id of the request.")] string CallId,
    HumanContactSpec Spec,
    HumanContactStatus Status);

internal sealed record HumanContactSpec(
    string Msg,
    string? Subject,
    IReadOnlyList<ContactOption>? ResponseOptions,
    RequestState State);

internal sealed record HumanContactStatus(
    DateTimeOffset RequestedAt,
    [property: JsonIgnore(Condition = Never)] DateTimeOffset? RespondedAt = null,
    [property: JsonIgnore(Condition = Never)] JsonElement? Response = null,
    [property: JsonIgnore(Condition = Never), Description("The option that was chosen, where one was.")] string? ResponseOptionName = null,
    [property: JsonIgnore(Condition = Never)] UserInfo? UserInfo = null,
    FailedValidation? FailedValidationDetails = null);

[Description("One action that waits for a yes or no.")]
internal sealed record FunctionCall(
    [property: Description("The thread everything began with.")] string RunId,
    [property: Description("The id of the request.")] string CallId,
    FunctionCallSpec Spec,
    FunctionCallStatus Status);

internal sealed record FunctionCallSpec(
    string Fn,
    JsonElement Kwargs,
    [property: Description("Prepared reasons to reject.")] IReadOnlyList<ContactOption>? RejectOptions,
    RequestState State);

internal sealed record FunctionCallStatus(
    DateTimeOffset RequestedAt,
    [property: JsonIgnore(Condition = Never)] DateTimeOffset? RespondedAt = null,
    [property: JsonIgnore(Condition = Never)] bool? Approved = null,
    [property: JsonIgnore(Condition = Never)] string? Comment = null,
    [property: JsonIgnore(Condition = Never)] UserInfo? UserInfo = null,
    [property: JsonIgnore(Condition = Never)] string? RejectOptionName = null,
    [property: Description("The arguments that were approved in place of kwargs.")] JsonElement? ApprovedWithChanges = null,
    FailedValidation? FailedValidationDetails = null);

[Description("A prepared answer, or a prepared reason to reject.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ContactOption(
    string Name,
    string? Title = null,
    string? Description = null,
    [property: Description("The words the feedback begins with.")] string? PromptFill = null,
    [property: Description("Whether a person should be let add words of their own.")] bool Interactive = false);

[Description("Where a request belongs, and what a person should see to decide it.")]
internal sealed record RequestState(
    string ThreadId,
    string Agent,
    RequestKind Kind,
    string Question,
    AnswerableBy AnswerableBy,
    string? Context = null,
    [property: Description("JSON Schema of the response.")] JsonElement? Schema = null,
    [property: Description("Of the action: what was approved is what runs.")] string? Digest = null,
    [property: Description("Other arguments may be approved if they match this JSON Schema.")] JsonElement? ChangesSchema = null,
    [property: Description("The only ones who may answer.")] IReadOnlyList<string>? Responders = null,
    [property: Description("Through which channels people were told, by name.")] IReadOnlyList<string>? Channels = null,
    DateTimeOffset? ExpiresAt = null,
    [property: Description("The state a request was created with, as it came.")] JsonElement? Given = null);

[Description("Who answered, through what.")]
internal sealed record UserInfo(string By, string Channel);

[Description("Why the answer that was just given was not taken. The request is open still, and nothing was stored.")]
internal sealed record FailedValidation(string Code, string Message);
