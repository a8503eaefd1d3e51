using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>Asks a model something beside the steps: a verdict, a summary. No trouble with it stops a thread.</summary>
/// <param name="models">From an agent to its model; null where the agent's own is the only one.</param>
internal sealed class SideModel(TimeProvider clock, Func<Microagent, IModel>? models)
{
    /// <param name="asked">The model's part as an agent: its model, and the one intent that is the form of the answer.</param>
    /// <param name="own">The model of the agent whose thread it is.</param>
    public async Task<SideReply> Ask(Microagent asked, Prompt prompt, ThreadLog log, IModel own, TimeSpan timeout, CancellationToken stop)
    {
        var name = asked.Model ?? own.Name;
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            var model = models?.Invoke(asked) ?? own;
            name = model.Name;
            var turn = new ModelTurn(asked, log, prompt);
            if (IsOverBudget(turn, model))
            {
                return new(name, null, "it may take more than is left of the thread's limits");
            }

            var reply = await ModelSpan.Ask(model, turn, timed.Token).WaitAsync(timeout, clock, stop).ConfigureAwait(false);
            return reply is ModelReply.Said said
                ? StepReader.Read(asked, said.Text, name, said.Usage, clock.GetUtcNow()) switch
                {
                    ChooseStep answer => new(name, answer.Arguments, null, said.Usage),
                    RejectStep no => new(name, null, no.Reason, said.Usage),
                    var other => throw new InvalidOperationException(other.GetType().Name),
                }
                : new(name, null, $"the model '{name}' cannot be asked for it; name another one");
        }
        catch (TimeoutException)
        {
            await timed.CancelAsync().ConfigureAwait(false);
            return new(name, null, $"it did not answer within {timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            return new(name, null, ErrorText.Of(e));
        }
    }

    // What is not a step asks nobody for leave: the step after it does, and until then it goes without.
    private bool IsOverBudget(ModelTurn turn, IModel model) => Budgets.Measure(turn.Log.Thread, turn.Agent.Limits) && model.Reserve(turn) is { } most
        && Budgets.Reached(turn.Log.Thread, turn.Log.Events, turn.Agent, turn.Agent.People, clock.GetUtcNow(), most) is not null;
}

/// <param name="Answer">Null when there is none, for the reason in <paramref name="Problem"/>.</param>
internal sealed record SideReply(string Model, JsonText? Answer, string? Problem, Usage? Usage = null);
