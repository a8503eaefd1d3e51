using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents;

/// <summary>
/// The loop: what next, do it, decide, append. What is decided is written before an effect is begun and before the thread
/// parks, and while a model or a reading tool takes its time. Nothing survives a run but the log.
/// </summary>
/// <param name="models">From an agent to its model, for what is asked beside the steps; null where one model does all.</param>
public sealed class AgentLoop(ThreadStore store, TimeProvider clock, PeoplePolicy? people = null, Func<Microagent, IModel>? models = null)
{
    private readonly ToolRunner _tools = new(clock, store.Relays);
    private readonly SideWork _side = new(clock, models, store.Results, store.Relays);
    private readonly PeoplePolicy _people = people ?? new();

    /// <summary>Whether work beside the steps ends the run and is left to whoever runs it, as a replay has it.</summary>
    internal bool LeavesSideWork { get; init; }

    internal PeoplePolicy People => _people;

    /// <summary>Runs a thread until it waits, ends, or is told to stop. Without a lease nothing is saved: then it goes as far as nothing outside is touched.</summary>
    /// <param name="isPickedUp">Whoever ran it before may be dead, perhaps of what it did.</param>
    /// <exception cref="LeaseLostException">The thread was cancelled or taken over; nothing more was appended.</exception>
    public async Task<ThreadLog> Run(
        ThreadLog log, Lease? lease, Microagent agent, IModel model, RunStop stop, ChildThreads? children = null, bool isPickedUp = false)
    {
        var staged = new StagedLog(store, clock, log, lease, stop);
        try
        {
            return await Steps(staged, lease, agent, model, stop, children, isPickedUp).ConfigureAwait(false);
        }
        finally
        {
            await staged.Settled().ConfigureAwait(false);
        }
    }

    private async Task<ThreadLog> Steps(StagedLog staged, Lease? lease, Microagent agent, IModel model, RunStop stop, ChildThreads? children, bool isPickedUp)
    {
        var changed = false;
        var by = agent.People.Within(_people);
        var prompt = new GrowingPrompt(agent);
        while (!stop.Requested)
        {
            var log = staged.Log;
            switch (Turn.Next(log.Thread, log.Events, agent, _people, clock.GetUtcNow()))
            {
                case var turn when lease is null && !turn.IsPure(model):
                    return log;
                case Turn.Park:
                    return await staged.Save(LeaseUse.Release).ConfigureAwait(false);
                case Turn.Follow follow:
                    staged.Stage(follow.Command);
                    break;
                case Turn.Think:
                    // Results that are used again are looked for where they are stored.
                    await (changed || agent.Context.Cache.Count > 0 ? staged.Save() : Task.CompletedTask).ConfigureAwait(false);
                    changed = false;
                    staged.Stage(await staged.Meanwhile(ModelCall.Next(model, new(agent, log) { Growing = prompt }, _people, clock, stop.Token)).ConfigureAwait(false));
                    break;
                case Turn.Side when LeavesSideWork:
                    stop.Now();
                    break;
                case Turn.Side side:
                    await staged.Save().ConfigureAwait(false);
                    staged.Stage(await _side.Do(side, log, agent, model, isPickedUp, stop.Token).ConfigureAwait(false));
                    break;
                case Turn.Gate gate:
                    // A preview that ends the process is counted by the call it is for, which has to be there.
                    await (isPickedUp ? staged.Save() : Task.CompletedTask).ConfigureAwait(false);
                    var verdict = await staged.Aside(_tools.Gate(gate.Tool, log.Thread, gate.Call, by, isPickedUp, stop.Token)).ConfigureAwait(false);
                    await (verdict is StartTool start ? Execute(gate.Tool, start) : Task.CompletedTask).ConfigureAwait(false);
                    staged.Stage(verdict is StartTool ? null : verdict);
                    break;
                case Turn.Run run when run.IsLeft(log.Thread):
                    return await staged.Save(LeaseUse.Release).ConfigureAwait(false);
                case Turn.Run run when !LeavesSideWork && _side.Known(run, log, agent) is { } known:
                    staged.Stage(known);
                    break;
                case Turn.Run run:
                    await Execute(run.Tool, new StartTool(clock.GetUtcNow())).ConfigureAwait(false);
                    break;
            }
        }

        return await staged.Save(LeaseUse.Release).ConfigureAwait(false);

        async Task Execute(Tool tool, StartTool start)
        {
            staged.Stage(start);
            var log = staged.Log;
            var call = ((Acting)log.Thread.State).Call;
            // A tool that ends the process has to count as started, also one that reads: it would end it again at every start.
            await (tool.Effect == Effect.ReadOnly && !isPickedUp ? Task.CompletedTask : staged.Save()).ConfigureAwait(false);
            var outcome = await staged.Aside(_tools.Run(tool, log.Thread, call, agent, by, children, stop.Token)).ConfigureAwait(false);
            staged.Stage(outcome ?? stop.OutcomeOf(tool, clock.GetUtcNow()));
            changed |= tool.Effect != Effect.ReadOnly;
        }
    }
}
