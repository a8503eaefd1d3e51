using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Threads;

/// <summary>What a command makes happen to a workflow: to one of its open calls as to an agent's, or to all of it. Pure.</summary>
internal static class WorkflowDecider
{
    public static IReadOnlyList<ThreadEvent> Decide(AgentThread thread, Working working, ThreadCommand command) => command switch
    {
        ChooseStep c when working is { Held: null, IsParked: false } => [new StepChosen(c.At, c.Intent, c.Arguments, c.Model, c.Usage)],
        OfCall c when OpenCalls.Find(working, c.Call) is { } call => [.. ThreadDecider.Decide(thread.As(call.State), c.Command)
            .Select(happened => happened is RequestOpened asked ? asked with { Call = c.Call } : happened)],
        OpenARequest c when working is { Held: null, IsParked: false } => [ThreadDecider.Opened(c)],
        ParkThread c when !working.IsParked && OpenCalls.MayPark(working) => [new ThreadParked(c.At)],
        ParkThread => [],
        EndChild c => working.Open.Find(open => open.State is Waiting waiting && waiting.Request.Asked.Child == c.Child) is { } caller
            ? ThreadDecider.Decide(thread.As(caller.State), c) : [],
        WithdrawRequest c => OpenCalls.Asked(working, c.Request) is { } asking ? ThreadDecider.Decide(thread.As(asking.State), c) : [],
        PassTime c => [.. OpenCalls.Requests(working).SelectMany(open => ThreadDecider.Due(open, c.At))],
        CompleteThread c when working is { Held: null, Open.IsEmpty: true } => [new ThreadCompleted(c.At, c.Output)],
        FailThread c when !working.IsParked => [new ThreadFailed(c.At, ThreadDecider.Reason(c.Error, Running(working))!)],
        CancelThread c => [new ThreadCancelled(c.At, c.By, c.Channel, ThreadDecider.Reason(c.Reason, Running(working)))],
        ForkThread c => Copied(thread, working, c),
        _ => throw new InvalidOperationException($"{command.GetType().Name} makes no sense for a workflow of which {working.Open.Count} calls are open."),
    };

    internal static IEnumerable<Acting> Running(Working working) => working.Open.Select(open => open.State).OfType<Acting>();

    private static IReadOnlyList<ThreadEvent> Copied(AgentThread thread, Working working, ForkThread c)
    {
        foreach (var open in working.Open)
        {
            _ = ThreadDecider.Decide(thread.As(open.State), c);
        }

        return [new ThreadForked(c.At, c.From, thread.Version, c.By, c.Channel)];
    }
}
