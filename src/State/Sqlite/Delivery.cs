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

    /// <summary>The same request, told where its thread came from.</summary>
    Reply,

    /// <summary>How a thread has ended, told where it came from.</summary>
    Ended,
}

internal static class DeliveryKinds
{
    public static bool IsReply(this DeliveryKind kind) => kind is DeliveryKind.Reply or DeliveryKind.Ended;
}

/// <summary>One message that a process has claimed and now sends.</summary>
/// <param name="Attempt">How often this round of it was claimed to be sent, this time included.</param>
/// <param name="LastError">What went wrong the last time; null when nothing did.</param>
/// <param name="Note">What somebody who escalated it said with it.</param>
/// <param name="Told">What this channel was told in this thread before, oldest first.</param>
/// <param name="Request">What it is about: of an ending, the version of the event that ended the thread.</param>
/// <param name="Place">Where the thread came from, when that is in this channel.</param>
/// <param name="Round">How often it was owed anew, with another word; that is another message.</param>
/// <param name="Claim">Sets this claim apart from any other of it.</param>
public sealed record Delivery(
    ThreadId Thread, RequestId Request, string Channel, DeliveryKind Kind, int Attempt, string? LastError, IReadOnlyList<Told> Told,
    string? Note = null, Place? Place = null, int Round = 0, int Claim = 0)
{
    /// <summary>Whether it goes to where the thread came from, and not to where the channel leads by itself.</summary>
    public bool IsReply => Kind.IsReply();
}

/// <param name="Reference">What the channel calls the message; null when it has no name for it.</param>
public sealed record Told(RequestId Request, DeliveryKind Kind, JsonText? Reference)
{
    /// <inheritdoc cref="Delivery.IsReply"/>
    public bool IsReply => Kind.IsReply();
}
