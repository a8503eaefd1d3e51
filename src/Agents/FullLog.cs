using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>How a run saves: of a log that is full, what came of calls is kept, whatever was to follow it in the same commit.</summary>
internal static class FullLog
{
    /// <inheritdoc cref="ThreadStore.Save"/>
    /// <exception cref="RefusedException">The log has no room for what else there was.</exception>
    public static async Task SaveRun(this ThreadStore store, ThreadLog log, int added, LeaseUse then, Lease? lease)
    {
        try
        {
            await store.Save(log, added, then, lease).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.Code == RefusalCode.TooLarge && log.Last(added).TakeWhile(LogBounds.AlwaysFits).Count() is > 0 and var ends)
        {
            await store.Save(log.At(log.Thread.Version - added + ends), ends, LeaseUse.None, lease).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What is kept of how a call of a workflow ended: nothing of one that is over or in doubt already, or that only went on.</summary>
    public static IReadOnlyList<ThreadEvent> Kept(AgentThread workflow, CallId call, ThreadCommand end) =>
        workflow.State is ThreadState.Working working && OpenCalls.Find(working, call) is { State: not ThreadState.Waiting }
            && ThreadDecider.Decide(workflow, new OfCall(call, end)) is var events && events.All(LogBounds.AlwaysFits) ? events : [];
}
