using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Agents.Models;

/// <summary>
/// The calling model is the model: the thread asks its caller for each next step, and needs no key. A step that was
/// given and not yet read is the reply; a step given as a JSON string is read as the text in it.
/// </summary>
public sealed class CallerModel : IModel
{
    public string Name => "caller";

    public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) => Task.FromResult<ModelReply>(
        turn.Log.Thread.State is Thinking { Reply: { } reply }
            ? new ModelReply.Said(reply.AsString() ?? reply.Text)
            : new ModelReply.AskCaller());
}
