using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>What an answer is for that names no request, to a thread that waits for others. Pure.</summary>
internal static class UnnamedAnswer
{
    /// <param name="chain">The thread and what it waits for, below it.</param>
    /// <returns>Null when the thread waits for no other. Without a request the same question is asked of the thread returned.</returns>
    /// <exception cref="RefusedException">Several requests are open, or none yet.</exception>
    public static (ThreadId Thread, RequestId? Request)? Meant(AgentThread thread, Func<IReadOnlyList<ThreadLog>> chain)
    {
        if (thread.OpenRequests is [{ Asked.Child: { } only }])
        {
            return (only, null);
        }

        if (thread.Children.Count == 0)
        {
            return null;
        }

        List<(ThreadId Thread, OpenRequest Request)> open = [.. chain().SelectMany(asking => asking.Thread.OpenRequests
            .Where(request => request.Asked.Kind != RequestKind.Child).Select(request => (asking.Thread.Id, request)))];
        return open switch
        {
            [] => throw NothingAsked(),
            [var (asking, request)] => (asking, request.Id),
            _ => throw Awaited.Ambiguous(open),
        };
    }

    /// <summary>What is said to a thread is no word to one below it, which may have ended a moment ago.</summary>
    public static IReadOnlyList<ThreadEvent> Below(IReadOnlyList<ThreadEvent> decided) => decided is [MessageReceived] ? throw NothingAsked() : decided;

    private static RefusedException NothingAsked() =>
        new(RefusalCode.NothingPending, "The thread waits for others that are running and ask nothing. Call wait_thread to wait for what comes next.");
}
