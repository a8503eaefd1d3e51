using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

public enum DeliveryKind
{
    Request,

    /// <summary>Nobody has answered for a while.</summary>
    Reminder,

    /// <summary>The same request, told elsewhere. What is asked, and who may answer it, stays as it is.</summary>
    Escalation,

    /// <summary>The request was answered, expired or cancelled; whoever was told of it learns that.</summary>
    Closed,
}

/// <summary>One message that a process has claimed and now sends.</summary>
/// <param name="Attempt">How often it was claimed, this time included.</param>
/// <param name="LastError">What went wrong the last time; null when nothing did.</param>
/// <param name="Told">What this channel was told in this thread before, oldest first.</param>
public sealed record Delivery(
    ThreadId Thread, RequestId Request, string Channel, DeliveryKind Kind, int Attempt, string? LastError, IReadOnlyList<Told> Told);

/// <param name="Reference">What the channel calls the message; null when it has no name for it.</param>
public sealed record Told(RequestId Request, DeliveryKind Kind, JsonText? Reference);
