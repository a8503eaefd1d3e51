using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Telemetry;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>Asks the model and turns what comes back, reply or trouble, into a command.</summary>
internal static class ModelCall
{
    /// <returns>Null when told to stop: no step was chosen, and none is lost.</returns>
    public static async Task<ThreadCommand?> Next(IModel model, ModelTurn turn, PeoplePolicy server, TimeProvider clock, CancellationToken stop)
    {
        try
        {
            if (Budgets.Measure(turn.Log.Thread, turn.Agent.Limits) && model.Reserve(turn) is { } most
                && Budgets.Reached(turn.Log.Thread, turn.Log.Events, turn.Agent, turn.Agent.People.Within(server), clock.GetUtcNow(), most) is { } ask)
            {
                return ask;
            }

            var reply = await ModelSpan.Ask(model, turn, stop).WaitAsync(stop).ConfigureAwait(false);
            return reply switch
            {
                ModelReply.Said said => StepReader.Read(turn.Agent, said.Text, said.Model ?? model.Name, said.Usage, clock.GetUtcNow()),
                // The prompt is not stored with the request: it is rendered from the log whenever it is shown.
                ModelReply.AskCaller => new OpenARequest(clock.GetUtcNow(), RequestKind.NextStep,
                    $"You are the model of {turn.Agent.Name}: choose its next step.", Schema: StepSchema.Of(turn.Agent)),
                _ => throw new InvalidOperationException(reply.GetType().Name),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (ModelException e) when (e.MayPass)
        {
            return turn.Agent.People.Within(server).Ask(new(clock.GetUtcNow(), RequestKind.Budget, $"{e.Message} Shall {turn.Agent.Name} try again?", Leave: Leave.ToTryAgain));
        }
        catch (ModelException e)
        {
            return new FailThread(clock.GetUtcNow(), e.Message);
        }
    }
}
