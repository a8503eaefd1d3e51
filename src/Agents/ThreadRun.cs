using AgentMcp.Agents.Models;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents;

/// <summary>How one thread is run: by the agent it began with, its steps chosen by a model or by code, and to an end whatever happens.</summary>
internal sealed class ThreadRun(
    ThreadStore store, ThreadIndex index, AgentLoop loop, MicroagentCatalog catalog, Func<Microagent, IModel> models, TimeProvider clock, ILogger logger)
{
    public Microagent AgentOf(AgentThread thread) => catalog.As(thread.Start.Agent, thread.Definition.Hash, store.FindDefinition).CalledUnder(thread.Start.Inherited);

    /// <summary>The log with all that follows from it and touches nothing outside. It is stored in one commit with what led to it.</summary>
    public async Task<ThreadLog> Ahead(ThreadLog log)
    {
        using var stop = new RunStop();
        try
        {
            var agent = AgentOf(log.Thread);
            // A workflow is code: nobody can tell what it touches.
            return log.Thread.Start.Workflow is not null ? log : await loop.Run(log, null, agent, models(agent), stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The run meets the same trouble, and there it is recorded.
            logger.LogDebug("{Thread} is not run ahead: {Reason}", log.Thread.Id, e.Message);
            return log;
        }
    }

    /// <summary>Until the thread waits or ends, or the run is told to stop.</summary>
    /// <inheritdoc cref="AgentLoop.Run"/>
    public async Task<ThreadLog> Through(ThreadLog log, Lease lease, RunStop stop, ChildThreads children, bool isPickedUp)
    {
        var id = log.Thread.Id;
        try
        {
            var agent = AgentOf(log.Thread);
            var left = log.Thread.Start.Workflow is null
                ? await loop.Run(log, lease, agent, models(agent), stop, children, isPickedUp).ConfigureAwait(false)
                : await Work(log, lease, agent, stop, children, isPickedUp).ConfigureAwait(false);
            logger.LogDebug("{Thread} is {Status} at version {Version}", id, WireName.Of(left.Thread.Status), left.Thread.Version);
            return left;
        }
        catch (Exception e) when (e is LeaseLostException or ConflictException)
        {
            return Lost(id);
        }
        catch (Exception e) when (e is not DatabaseException)
        {
            if (await Fail(id, lease, e).ConfigureAwait(false) is not { } failed)
            {
                return Lost(id);
            }

            logger.LogError(e, "{Thread} failed", id);
            return failed;
        }
    }

    private ThreadLog Lost(ThreadId id)
    {
        RunMetrics.LostALease();
        logger.LogInformation("{Thread} was ended or taken over; this run ends", id);
        return store.Read(id);
    }

    private async Task<ThreadLog> Work(ThreadLog log, Lease lease, Microagent workflow, RunStop stop, ChildThreads children, bool isPickedUp)
    {
        using var work = new WorkflowLoop(store, index, clock, loop.People, workflow, children, lease, stop, isPickedUp);
        return await work.Run(log).ConfigureAwait(false);
    }

    // Nothing that is left to itself may fail for ever: the thread ends and says why. Null where somebody else has ended it or has it
    // by now: the error is then one of having gone on all the same.
    private async Task<ThreadLog?> Fail(ThreadId id, Lease lease, Exception e)
    {
        var log = store.Read(id);
        var reason = e is RefusedException or ModelException ? e.Message : $"An internal error ended the run: {Tools.ErrorText.Of(e)}";
        var events = log.Thread.Status == ThreadStatus.Running ? ThreadDecider.Decide(log.Thread, new FailThread(clock.GetUtcNow(), reason)) : [];
        try
        {
            return (await store.Append(log, events, LeaseUse.Release, lease).ConfigureAwait(false)).Log;
        }
        catch (LeaseLostException)
        {
            return null;
        }
    }
}
