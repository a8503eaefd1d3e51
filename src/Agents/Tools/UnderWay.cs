using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents.Tools;

/// <summary>How a call stands that may have something under way elsewhere. Pure.</summary>
internal static class UnderWay
{
    /// <summary>The call as it is open, with what it left elsewhere; null once it is over.</summary>
    public static Call? Find(AgentThread thread, CallId id)
    {
        // A workflow may have several open calls; one that is over is no longer among them.
        var call = (thread.State is Working working ? OpenCalls.Find(working, id)?.State : thread.State) switch
        {
            Chosen s => s.Call,
            Approved s => s.Call,
            Acting s => s.Call,
            Resuming s => s.Call,
            Waiting { Request.Asked.Relay: { } relay, Call: { } waiting } => waiting with { Relayed = new(relay.Continuation) },
            Waiting { Call: { } waiting } => waiting,
            _ => null,
        };
        return call?.Id == id ? call : null;
    }

    /// <summary>
    /// What is to be ended elsewhere of a call whose thread has ended: the call as it last was, with the arguments that were
    /// approved, and as attempt how many runs began after it last said how things stand there: those were cut off. Null where
    /// it has left nothing: it returned, or it was over without having said that it began anything.
    /// </summary>
    public static Call? ToEnd(ThreadLog log, CallId id)
    {
        var (thread, last, isOpen, isCut, runs) = (new AgentThread(log.Thread.Id), (Call?)null, false, false, 0);
        foreach (var happened in log.Events)
        {
            if (happened is ToolReturned returned && returned.Call == id)
            {
                return null;
            }

            if (happened is ThreadFailed or ThreadCancelled)
            {
                break;
            }

            thread = AgentThread.Evolve(thread, happened);
            var call = Find(thread, id);
            (last, isOpen) = (call ?? last, call is not null);
            runs = happened switch
            {
                ToolStarted started when started.Call == id => runs + 1,
                RequestOpened { Relay: not null } asked when call is not null && (asked.Call ?? id) == id => 0,
                _ => runs,
            };
            isCut |= happened is ToolFailed { Error: RunStop.CutOff } failed && failed.Call == id;
        }

        return isOpen || isCut || last?.Relayed is not null ? last! with { Attempt = runs } : null;
    }
}
