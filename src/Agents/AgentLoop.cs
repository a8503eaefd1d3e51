using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents;

/// <summary>
/// The loop: what next, do it, decide, append. What is decided is written before an effect is begun, what came of it
/// before anything else is done, and all of it before the thread parks. Nothing survives a run but the log.
/// </summary>
public sealed class AgentLoop(ThreadStore store, TimeProvider clock, AnswerableBy approvals = AnswerableBy.Caller)
{
    private const int MostUnsaved = 50;
    private readonly ToolRunner _tools = new(clock);

    /// <summary>Runs a thread until it waits, ends, or is told to stop. The lease is given back with the last append.</summary>
    /// <exception cref="LeaseLostException">The thread was cancelled or taken over; nothing more was appended.</exception>
    public async Task<ThreadLog> Run(ThreadLog log, Lease lease, Microagent agent, IModel model, RunStop stop)
    {
        var unsaved = 0;
        var by = Turn.Strictest(approvals, agent.AnswerableBy);
        while (!stop.Requested)
        {
            switch (Turn.Next(log.Thread, log.Events, agent, approvals, clock.GetUtcNow()))
            {
                case Turn.Park:
                    return await Save(LeaseUse.Release).ConfigureAwait(false);
                case Turn.Follow follow:
                    Stage(follow.Command);
                    break;
                case Turn.Think:
                    Stage(await SavedMeanwhile(() => ModelCall.Next(model, new(agent, log), approvals, clock, stop.Token), first: true).ConfigureAwait(false));
                    break;
                case Turn.Gate gate:
                    var verdict = await _tools.Gate(gate.Tool, log.Thread, gate.Call, by, stop.Token).ConfigureAwait(false);
                    await (verdict is StartTool start ? Execute(gate.Tool, start) : Task.CompletedTask).ConfigureAwait(false);
                    Stage(verdict is StartTool ? null : verdict);
                    break;
                case Turn.Run run:
                    await Execute(run.Tool, new StartTool(clock.GetUtcNow())).ConfigureAwait(false);
                    break;
            }
        }

        return await Save(LeaseUse.Release).ConfigureAwait(false);

        async Task Execute(Tool tool, StartTool start)
        {
            Stage(start);
            var call = ((Acting)log.Thread.State).Call;
            var effect = tool.Effect != Effect.ReadOnly;
            Stage(await SavedMeanwhile(() => _tools.Run(tool, log.Thread, call, agent, by, stop.Token), first: effect).ConfigureAwait(false)
                ?? stop.OutcomeOf(tool, clock.GetUtcNow()));
        }

        // What comes of an effect is on disk before anything else is done. What may be lost together with what led to
        // it, a read or a question to the model, begins at once; if it takes its time, the rest is saved meanwhile.
        async Task<ThreadCommand?> SavedMeanwhile(Func<Task<ThreadCommand?>> act, bool first)
        {
            await (first || unsaved > MostUnsaved ? Save(LeaseUse.None) : Task.CompletedTask).ConfigureAwait(false);
            var acting = act();
            await (acting.IsCompleted ? Task.CompletedTask : Save(LeaseUse.None)).ConfigureAwait(false);
            return await acting.ConfigureAwait(false);
        }

        void Stage(ThreadCommand? command)
        {
            var events = command is null ? [] : ThreadDecider.Decide(log.Thread, command);
            (log, unsaved) = (log.With(events), unsaved + events.Count);
        }

        async Task<ThreadLog> Save(LeaseUse then)
        {
            if (unsaved > 0 || then != LeaseUse.None)
            {
                await store.Save(log, unsaved, then, lease).ConfigureAwait(false);
                unsaved = 0;
            }

            return log;
        }
    }
}
