using System.Collections.Immutable;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Threads;

/// <summary>
/// The open calls of a workflow. Each moves by the transitions of an agent's one call; where an agent would think again,
/// the call is over and leaves. Any of that gives the workflow something to do, so it is no longer parked.
/// </summary>
public static class OpenCalls
{
    internal static ThreadState Next(Working working, ThreadEvent happened, int version) => (happened, CallOf(working, happened)) switch
    {
        (StepChosen e, _) when working is { Held: null, IsParked: false } =>
            working with { Open = working.Open.Add(new(new(version), ThreadTransitions.Next(new Thinking(), e, version))) },
        (RequestOpened { Call: null } e, _) when working is { Held: null, IsParked: false } => working with { Held = new(new(version), e) },
        (RequestAnswered e, _) when e.Request == working.Held?.Id => working with { Held = null, IsParked = false },
        (RequestExpired e, _) when e.Request == working.Held?.Id => working with { Held = null, IsParked = false },
        (ThreadParked, _) when !working.IsParked && MayPark(working) => working with { IsParked = true },
        (ThreadCompleted e, _) when working is { Held: null, Open.IsEmpty: true } => new Completed(e.Output),
        (ThreadForked e, _) => working with { Open = [.. working.Open.Select(open => open with { State = ThreadTransitions.Next(open.State, e, version) })] },
        (_, { } call) => Moved(working, call, ThreadTransitions.Next(call.State, happened, version)),
        _ => throw ThreadTransitions.Impossible(working, happened, version),
    };

    /// <summary>All that is open waits, or none of it can go on before the workflow itself can.</summary>
    internal static bool MayPark(Working working) =>
        working.Held is not null || (!working.Open.IsEmpty && working.Open.All(open => open.State is Waiting));

    internal static IReadOnlyList<OpenRequest> Requests(Working working) =>
        [.. working.Open.Select(open => (open.State as Waiting)?.Request).Append(working.Held).OfType<OpenRequest>().OrderBy(open => open.Id.Version)];

    /// <summary>The state of the call that waits with this request, as an agent's would be.</summary>
    internal static Waiting Asking(Working working, RequestId request) =>
        working.Open.Select(open => open.State).OfType<Waiting>().FirstOrDefault(waiting => waiting.Request.Id == request) ?? new Waiting(working.Held!, null);

    private static Working Moved(Working working, OpenCall call, ThreadState next) => working with
    {
        Open = next is Thinking ? working.Open.Remove(call) : working.Open.Replace(call, call with { State = next }),
        IsParked = false,
    };

    private static OpenCall? CallOf(Working working, ThreadEvent happened) => happened switch
    {
        ToolStarted e => Find(working, e.Call),
        ToolReturned e => Find(working, e.Call),
        ToolFailed e => Find(working, e.Call),
        RequestOpened { Call: { } call } => Find(working, call),
        RequestAnswered e => Asked(working, e.Request),
        RequestExpired e => Asked(working, e.Request),
        RequestWithdrawn e => Asked(working, e.Request),
        SleepEnded e => Asked(working, e.Request),
        _ => null,
    };

    public static OpenCall? Find(Working working, CallId call) => working.Open.Find(open => open.Id == call);

    /// <summary>The request that a call of a thread has passed on and that is open; null when there is none.</summary>
    public static RequestId? PassedOnBy(AgentThread thread, CallId call) =>
        (thread.State is Working working ? Find(working, call)?.State : thread.State) is Waiting { Request: { Asked.Relay: not null } open, Call: { } waiting } && waiting.Id == call ? open.Id : null;

    internal static OpenCall? Asked(Working working, RequestId request) =>
        working.Open.Find(open => open.State is Waiting waiting && waiting.Request.Id == request);
}
