using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents;

/// <summary>
/// The loop: what next, do it, decide, append. What is decided is written before an effect is begun, before a model is
/// asked and before the thread parks. Nothing survives a run but the log.
/// </summary>
/// <param name="models">From an agent to its model, for what is asked beside the steps; null where one model does all.</param>
public sealed class AgentLoop(ThreadStore store, TimeProvider clock, PeoplePolicy? people = null, Func<Microagent, IModel>? models = null)
{
    private readonly ToolRunner _tools = new(clock, store.Relays);
    private readonly SideWork _side = new(clock, models, store.Results);
    private readonly PeoplePolicy _people = people ?? new();

    /// <summary>Whether work beside the steps ends the run and is left to whoever runs it, as a replay has it.</summary>
    internal bool LeavesSideWork { get; init; }

    internal PeoplePolicy People => _people;

    /// <summary>Runs a thread until it waits, ends, or is told to stop. Without a lease nothing is saved: then it goes as far as nothing outside is touched.</summary>
    /// <exception cref="LeaseLostException">The thread was cancelled or taken over; nothing more was appended.</exception>
    public async Task<ThreadLog> Run(ThreadLog log, Lease? lease, Microagent agent, IModel model, RunStop stop, ChildThreads? children = null)
    {
        var unsaved = 0;
        var by = agent.People.Within(_people);
        while (!stop.Requested)
        {
            switch (Turn.Next(log.Thread, log.Events, agent, _people, clock.GetUtcNow()))
            {
                case var turn when lease is null && !turn.IsPure(model):
                    return log;
                case Turn.Park:
                    return await Save(LeaseUse.Release).ConfigureAwait(false);
                case Turn.Follow follow:
                    Stage(follow.Command);
                    break;
                case Turn.Think:
                    await Save(LeaseUse.None).ConfigureAwait(false);
                    Stage(await ModelCall.Next(model, new(agent, log), _people, clock, stop.Token).ConfigureAwait(false));
                    break;
                case Turn.Side when LeavesSideWork:
                    stop.Now();
                    break;
                case Turn.Side side:
                    await Save(LeaseUse.None).ConfigureAwait(false);
                    Stage(await _side.Do(side, log, agent, model, stop.Token).ConfigureAwait(false));
                    break;
                case Turn.Gate gate:
                    var verdict = await _tools.Gate(gate.Tool, log.Thread, gate.Call, by, stop.Token).ConfigureAwait(false);
                    await (verdict is StartTool start ? Execute(gate.Tool, start) : Task.CompletedTask).ConfigureAwait(false);
                    Stage(verdict is StartTool ? null : verdict);
                    break;
                case Turn.Run run when !LeavesSideWork && _side.Known(run, log, agent) is { } known:
                    Stage(known);
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
            // A read-only call may start before its start is on disk: if both are lost, it is as if it had not been made.
            await (tool.Effect == Effect.ReadOnly ? Task.CompletedTask : Save(LeaseUse.None)).ConfigureAwait(false);
            var outcome = _tools.Run(tool, log.Thread, call, agent, by, children, stop.Token);
            await (outcome.IsCompleted ? Task.CompletedTask : Save(LeaseUse.None)).ConfigureAwait(false);
            Stage(await outcome.ConfigureAwait(false) ?? stop.OutcomeOf(tool, clock.GetUtcNow()));
        }

        void Stage(ThreadCommand? command)
        {
            var events = command is null ? [] : ThreadDecider.Decide(log.Thread, command);
            (log, unsaved) = (log.With(events), unsaved + events.Count);
        }

        async Task<ThreadLog> Save(LeaseUse then)
        {
            if (lease is not null && (unsaved > 0 || then != LeaseUse.None))
            {
                await store.Save(log, unsaved, then, lease).ConfigureAwait(false);
                unsaved = 0;
            }

            return log;
        }
    }
}
