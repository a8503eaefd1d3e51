using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>Plays another model's steps, says beforehand what a step may take at the most, and then takes what it takes.</summary>
internal sealed class CostlyModel(IModel model, Usage most, Usage taken) : IModel
{
    public string Name => "costly";

    public Estimate Reserve(ModelTurn turn) => new(Name, most);

    public async Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) =>
        (ModelReply.Said)await model.NextStep(turn, cancellation) with { Usage = taken };
}
