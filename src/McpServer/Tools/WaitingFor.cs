using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tools;

/// <summary>What a thread waits for: in itself, and in the threads it called and those called. Pure.</summary>
/// <param name="Chain">The thread, and below it what it waits for, each before what is below that.</param>
internal sealed record WaitingFor(IReadOnlyList<ThreadLog> Chain)
{
    /// <summary>The innermost first: those are what the others wait for. Beside each other in the order they were called.</summary>
    public IReadOnlyList<Asking> All { get; } = Chain is [var alone] ? Of(alone) : [.. Chain.OrderByDescending(log => log.Thread.Path.Count).SelectMany(Of)];

    /// <summary>What somebody has to answer, or deliver.</summary>
    public IReadOnlyList<Asking> Answerable { get => field ??= [.. All.Where(asking => asking.Open.Asked.Kind is not (RequestKind.Child or RequestKind.Sleep))]; }

    /// <summary>The one to turn to first; a sleep only when nothing else is open, and null when others are at work.</summary>
    public Asking? First => Answerable is [var first, ..] ? first : All.FirstOrDefault(asking => asking.Open.Asked.Kind == RequestKind.Sleep);

    public AgentThread Thread => Chain[0].Thread;

    /// <summary>The threads below that are at work.</summary>
    public IEnumerable<AgentThread> AtWork => Chain.Skip(1).Select(log => log.Thread).Where(thread => thread.Status == ThreadStatus.Running);

    public static WaitingFor Alone(ThreadLog log) => new([log]);

    private static Asking[] Of(ThreadLog log) => [.. log.Thread.OpenRequests.Select(open => new Asking(log, open))];
}

/// <summary>An open request with the thread that asks it.</summary>
internal sealed record Asking(ThreadLog Log, OpenRequest Open)
{
    /// <summary>Its id, which is unique everywhere.</summary>
    public string Id => Open.Id.In(Log.Thread.Id);
}
