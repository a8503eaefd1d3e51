using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.State.Threads;
using static System.Text.Json.Serialization.JsonIgnoreCondition;

namespace AgentMcp.Server.Rest;

/// <summary>The result of every tool that concerns a thread, which is written as it is; here it only has a name.</summary>
internal sealed record ThreadDocument;

/// <summary>The result of list_threads.</summary>
internal sealed record ThreadListDocument;

/// <summary>The result of list_agents.</summary>
internal sealed record AgentListDocument;

[Description("What people are asked, newest first. Each request is either a function_call or a human_contact.")]
internal sealed record RequestList(
    IReadOnlyList<ListedRequest> Requests,
    [property: JsonIgnore(Condition = Never), Description("Pass it as cursor for the next page; null when this is the last.")] string? NextCursor);

internal sealed record ListedRequest(RequestKind Kind, FunctionCall? FunctionCall = null, HumanContact? HumanContact = null);

internal sealed record EventList(
    string ThreadId,
    ThreadStatus Status,
    [property: Description("The number of events the thread has.")] int Version,
    IReadOnlyList<NumberedEvent> Events,
    [property: JsonIgnore(Condition = Never), Description("Pass it as after for the next page; null when this is the last.")] int? NextAfter);

internal sealed record NumberedEvent(int Version, [property: Description("What happened: its type, and what belongs to the type.")] JsonElement Event);

[Description("A refusal: nothing was changed. detail says what is wrong and what to do next.")]
internal sealed record Problem(
    string Type,
    string Title,
    int Status,
    string Detail,
    [property: Description("The reason in one word.")] string Code,
    [property: Description("With invalid_response and wrong_answer: the function call, open still.")] FunctionCall? FunctionCall = null,
    [property: Description("With invalid_response and wrong_answer: the human contact, open still.")] HumanContact? HumanContact = null);
