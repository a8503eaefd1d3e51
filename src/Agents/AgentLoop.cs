using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents;

/// <summary>
/// The loop: what next, do it, decide, append. What is decided is staged and written before it is acted on: before a
/// tool runs, before a model is asked, before the thread parks. Nothing survives a run but the log.
/// </summary>
public sealed class AgentLoop(ThreadStore store, TimeProvider clock, AnswerableBy approvals = AnswerableBy.Caller)
{
    private readonly ToolRunner _tools = new(clock);

    /// <summary>Runs a thread until it waits, ends, or is told to stop. The lease is given back with the last append.</summary>
    /// <exception cref="LeaseLostException">The thread was cancelled or taken over; nothing more was appended.</exception>
    public async Task<ThreadLog> Run(ThreadLog log, Lease lease, Microagent agent, IModel model, RunStop stop)
    {
        var thread = log.Thread;
        var staged = new List<ThreadEvent>();
        var by = Turn.Strictest(approvals, agent.AnswerableBy);
        while (!stop.Requested)
        {
            switch (Turn.Next(thread, log.Events.Concat(staged), agent, approvals, clock.GetUtcNow()))
            {
                case Turn.Park:
                    return await Save(LeaseUse.Release).ConfigureAwait(false);
                case Turn.Follow follow:
                    Stage(follow.Command);
                    break;
                case Turn.Think:
                    await Save(LeaseUse.None).ConfigureAwait(false);
                    Stage(await ModelCall.Next(model, new(agent, log), approvals, clock, stop.Token).ConfigureAwait(false));
                    break;
                case Turn.Gate gate:
                    var verdict = await _tools.Gate(gate.Tool, thread, gate.Call, by, stop.Token).ConfigureAwait(false);
                    if (verdict is not StartTool start)
                    {
                        Stage(verdict);
                        break;
                    }

                    await Execute(gate.Tool, start).ConfigureAwait(false);
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
            // A read-only call may start before its start is on disk: if both are lost, it is as if it had not been made.
            await (tool.Effect == Effect.ReadOnly ? Task.CompletedTask : Save(LeaseUse.None)).ConfigureAwait(false);
            var outcome = _tools.Run(tool, thread, ((Acting)thread.State).Call, agent, by, stop.Token);
            if (!outcome.IsCompleted)
            {
                await Save(LeaseUse.None).ConfigureAwait(false);
            }

            Stage(await outcome.ConfigureAwait(false) ?? stop.OutcomeOf(tool, clock.GetUtcNow()));
        }

        void Stage(ThreadCommand? command)
        {
            foreach (var happened in command is null ? [] : ThreadDecider.Decide(thread, command))
            {
                staged.Add(happened);
                thread = AgentThread.Evolve(thread, happened);
            }
        }

        async Task<ThreadLog> Save(LeaseUse then)
        {
            if (staged.Count > 0 || then != LeaseUse.None)
            {
                (log, _) = await store.Append(log, staged, then, lease).ConfigureAwait(false);
                staged = [];
            }

            return log;
        }
    }
}
