namespace AgentMcp.Agents.Models;

/// <summary>Plays an agent by its own decision table: no key, no network, the same step every time.</summary>
public sealed class RulesModel : IModel
{
    public string Name => "rules";

    public bool IsPure => true;

    public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) => turn.Agent.Rules is { } rules
        ? Task.FromResult<ModelReply>(new ModelReply.Said(rules(turn.Log)))
        : throw new ModelException(
            $"The agent {turn.Agent.Name} has no rules, so the model 'rules' cannot play it. Choose another --model: caller, anthropic:NAME or openai:NAME.",
            mayPass: false);
}
