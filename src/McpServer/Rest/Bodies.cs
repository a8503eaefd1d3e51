using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMcp.Server.Rest;

// A member nobody knows is refused: whoever sends arguments along with a yes, or says who they are, must hear that it counts for nothing.

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record Launch(
    string Agent,
    [property: Description("What the agent takes; its schema is under /agents.")] JsonElement Input,
    [property: Description("The same key returns the same thread instead of starting another.")] string? IdempotencyKey = null,
    [property: Description("Seconds to wait for a result; the run goes on either way.")] double? WaitSeconds = null);

[Description("The answer to what a thread waits for, or a word to a completed one.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AnswerBody(
    [property: Description("Which request; may be left out while exactly one is open.")] string? RequestId = null,
    [property: Description("For an approval or a budget: yes or no.")] bool? Approved = null,
    [property: Description("In place of approved: yes, but with these arguments, where the action has changes_schema.")] JsonElement? ApprovedWithChanges = null,
    [property: Description("For anything else: the answer, in the form of the request's schema.")] JsonElement? Response = null,
    [property: Description("Why; the agent reads it.")] string? Comment = null,
    double? WaitSeconds = null);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CancelBody(string? Reason = null);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ForkBody(
    [property: Description("The copy has the events up to this version.")] int AtVersion,
    double? WaitSeconds = null);

[Description("A yes or no to an action.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FunctionCallAnswer(
    bool? Approved = null,
    [property: Description("In place of approved: yes, but with these arguments, where spec.state has changes_schema.")] JsonElement? ApprovedWithChanges = null,
    [property: Description("Why; the agent reads it.")] string? Comment = null,
    [property: Description("With approved false: the prepared reason that was chosen.")] string? RejectOptionName = null);

[Description("The answer to a question: an option, or a response in the form of the request's schema.")]
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record HumanContactAnswer(
    JsonElement? Response = null,
    string? ResponseOptionName = null);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FunctionCallRequest(
    FunctionCallToAsk Spec,
    [property: Description("The same key returns the same function call instead of asking again.")] string? IdempotencyKey = null);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FunctionCallToAsk(
    string Fn,
    JsonElement Kwargs,
    string? Channel = null,
    IReadOnlyList<ContactOption>? RejectOptions = null,
    [property: Description("An object of yours, given back as spec.state.given.")] JsonElement? State = null);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record HumanContactRequest(
    HumanContactToAsk Spec,
    [property: Description("The same key returns the same human contact instead of asking again.")] string? IdempotencyKey = null);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record HumanContactToAsk(
    string Msg,
    string? Subject = null,
    string? Channel = null,
    IReadOnlyList<ContactOption>? ResponseOptions = null,
    [property: Description("An object of yours, given back as spec.state.given.")] JsonElement? State = null);
