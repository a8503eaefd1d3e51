using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents.Models;

/// <summary>
/// The calling client is the model: the thread asks it for each next step, and needs no key. The model that calls gives
/// the step as an answer; under <c>sampling</c> the client's own model does, where the client offers it. A step that was
/// given and not yet read is the reply; a step given as a JSON string is read as the text in it.
/// </summary>
public sealed class CallerModel(string name = CallerModel.Caller) : IModel
{
    public const string Caller = "caller";

    /// <summary>The model, and the channel through which its steps come.</summary>
    public const string Sampling = "sampling";

    public string Name => name;

    public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) => Task.FromResult<ModelReply>(
        turn.Log.Thread is { State: Thinking { Reply: { } reply } } thread
            ? new ModelReply.Said(reply.AsString() ?? reply.Text, Model: name == Caller ? null : Chooser(thread.LastAnswer))
            : new ModelReply.AskCaller());

    // Clients name their model with what it said.
    private static string Chooser(RequestAnswered? answer) =>
        answer is { Channel: Sampling } ? answer.Comment is { Length: > 0 } model ? $"{Sampling}:{model}" : Sampling : Caller;
}
