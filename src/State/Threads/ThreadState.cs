using System.Collections.Immutable;
using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

/// <summary>Where a thread stands. Each state holds only what is true in it; the diagram is in docs/threads.md.</summary>
public abstract record ThreadState
{
    private ThreadState()
    {
    }

    /// <summary>Nothing has happened yet.</summary>
    public sealed record NotStarted : ThreadState;

    /// <summary>The next step has to be chosen. <paramref name="Reply"/> is a step the caller gave and nobody has read yet.</summary>
    public sealed record Thinking(JsonText? Reply = null) : ThreadState;

    /// <summary>A step was chosen; nothing of it has begun.</summary>
    public sealed record Chosen(Call Call) : ThreadState;

    /// <summary>The call may run: exactly these arguments were approved.</summary>
    public sealed record Approved(Call Call, BoundAction Action) : ThreadState;

    /// <summary>The call's tool runs, or ran when the process died. Only a result or a person can tell.</summary>
    public sealed record Acting(Call Call) : ThreadState;

    /// <summary>What the call's tool passed on was settled; the tool runs again to go on with it.</summary>
    public sealed record Resuming(Call Call) : ThreadState;

    /// <summary>Parked until the request is answered. <paramref name="Call"/> is the call that waits, if one does.</summary>
    public sealed record Waiting(OpenRequest Request, Call? Call) : ThreadState;

    /// <summary>A workflow. Each open call is in the state it would be in alone; they are in the order they were chosen.</summary>
    /// <param name="Held">What has to be answered before any new step; it belongs to no call.</param>
    /// <param name="IsParked">Nothing happens until an open request is answered, ends or is due.</param>
    public sealed record Working(ImmutableList<OpenCall> Open, OpenRequest? Held = null, bool IsParked = false) : ThreadState
    {
        // A list has no value equality of its own.
        public bool Equals(Working? other) => other is not null && Held == other.Held && IsParked == other.IsParked && Open.SequenceEqual(other.Open);

        public override int GetHashCode() => HashCode.Combine(Held, IsParked, Open.Count);
    }

    public sealed record Completed(JsonText Output) : ThreadState;

    public sealed record Failed(string Error) : ThreadState;

    public sealed record Cancelled(string? Reason) : ThreadState;
}

/// <param name="Attempt">How often the tool was started.</param>
/// <param name="Approval">What was approved for this call, once it was.</param>
/// <param name="At">When it was chosen or, once it was, approved: the same for every attempt.</param>
/// <param name="Relayed">What the tool goes on with, when it passed a request on.</param>
/// <param name="Judged">What the judge said of it; null while nobody has.</param>
public sealed record Call(
    CallId Id, string Intent, JsonText Arguments, int Attempt = 0, BoundAction? Approval = null, DateTimeOffset At = default, Verdict? Judged = null,
    Relayed? Relayed = null)
{
    /// <summary>What the tool is given: the approved arguments, never others.</summary>
    public JsonText Bound => Approval?.Arguments ?? Arguments;
}

/// <param name="State">Chosen, approved, acting or waiting.</param>
public sealed record OpenCall(CallId Id, ThreadState State);

public sealed record OpenRequest(RequestId Id, RequestOpened Asked);
