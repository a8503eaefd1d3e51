using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Channels;

/// <summary>Everything a channel can tell people about one request. Pure.</summary>
internal sealed record Notice(Delivery Delivery, ThreadLog Log, Links Links, DateTimeOffset At)
{
    public DeliveryKind Kind => Delivery.Kind;

    public string Agent => Log.Thread.Start.Agent;

    public ThreadId Thread => Log.Thread.Id;

    /// <summary>The id of the request as the outside knows it.</summary>
    public string Request => Delivery.Request.In(Thread);

    public RequestOpened Asked => Opened(Delivery.Request);

    public bool IsOpen => Log.Thread.OpenRequests.Any(open => open.Id == Delivery.Request);

    /// <summary>The same for every attempt, so that a receiver can tell a repetition; another when there is another word.</summary>
    public string Id => $"{Request}_{WireName.Of(Kind)}{(Delivery.Round > 0 ? $"_{Delivery.Round}" : "")}";

    /// <summary>What this is, in half a sentence that begins with a capital.</summary>
    public string Headline => Kind == DeliveryKind.Ended ? $"{Agent}: {WireName.Of(Ending!.Status)}" : (Kind, Asked.Kind) switch
    {
        (DeliveryKind.Closed, _) => $"{Agent}: settled",
        (DeliveryKind.Reminder, _) => $"Reminder: {Agent} {Wants}",
        (DeliveryKind.Escalation, _) when Delivery.Note is { } note => $"Escalated: {Agent} {Wants}. {Visible.Of(note)}",
        (DeliveryKind.Escalation, _) => $"Escalated: {Agent} {Wants}, and nobody has answered",
        _ => $"{Agent} {Wants}",
    };

    /// <summary>How it ended; null while it is open.</summary>
    public string? Outcome => IsOpen ? null : Log.Events.Skip(Delivery.Request.Version).Select(Told).OfType<string>().FirstOrDefault();

    /// <summary>Of an ending, what there is to tell; null when nobody is to be told.</summary>
    public Ending? Ending { get; } = Delivery.Kind == DeliveryKind.Ended ? Channels.Ending.Of(Log, Delivery.Request.Version) : null;

    /// <summary>The request that began this conversation.</summary>
    public RequestOpened First => Delivery.Told.FirstOrDefault(told => told.Kind != DeliveryKind.Ended) is { } first ? Opened(first.Request) : Asked;

    private string Wants => Asked.Kind switch
    {
        RequestKind.Approval => "asks for approval",
        RequestKind.Budget => "has reached a limit",
        RequestKind.InDoubt => "needs to know what happened",
        RequestKind.ExternalResult => "waits for a result",
        _ => "asks",
    };

    private RequestOpened Opened(RequestId request) => (RequestOpened)Log.Events[request.Version - 1];

    private string? Told(ThreadEvent happened) => happened switch
    {
        RequestAnswered e when e.Request == Delivery.Request => $"{Verdict(e)} by {e.By} through {e.Channel}{(e.Comment is null ? "" : $": {e.Comment}")}",
        RequestExpired e when e.Request == Delivery.Request => Asked.Kind == RequestKind.Approval ? "Expired without an answer, which counts as a rejection" : "Expired without an answer",
        ThreadCancelled e => $"Cancelled by {e.By} through {e.Channel}",
        _ => null,
    };

    private static string Verdict(RequestAnswered answer) => answer switch
    {
        { Approved: true, Arguments: not null } => "Approved with changes",
        { Approved: true } => "Approved",
        { Approved: false } => "Rejected",
        _ => "Answered",
    };
}
