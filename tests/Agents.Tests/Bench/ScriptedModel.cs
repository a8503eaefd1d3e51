using System.Collections.Concurrent;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>
/// Plays a list of replies, one a turn, and keeps what it was shown. A reply is a text, or an exception to throw; a
/// script that has ended is an error of the test.
/// </summary>
internal sealed class ScriptedModel(params object[] replies) : IModel
{
    private readonly ConcurrentQueue<object> _replies = new(replies);
    private readonly ConcurrentQueue<ModelTurn> _turns = new();

    public string Name => "scripted";

    public IReadOnlyList<Prompt> Prompts => [.. _turns.Select(turn => turn.Prompt)];

    public int Calls => _turns.Count;

    public ScriptedModel Then(params object[] more)
    {
        Array.ForEach(more, _replies.Enqueue);
        return this;
    }

    public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation)
    {
        Rendered.MustBeAsAnew(turn);
        _turns.Enqueue(turn);
        return _replies.TryDequeue(out var reply)
            ? reply switch
            {
                Exception e => Task.FromException<ModelReply>(e),
                ModelReply said => Task.FromResult(said),
                _ => Task.FromResult<ModelReply>(new ModelReply.Said((string)reply)),
            }
            : throw new InvalidOperationException("The script has no more replies.");
    }
}

/// <summary>Chooses by what is in the log, so that one instance serves many threads and a restart changes nothing.</summary>
internal sealed class LogModel(Func<ThreadLog, string> next) : IModel
{
    private int _calls;

    public string Name => "scripted";

    public int Calls => _calls;

    /// <summary>The n-th step of a thread is the n-th of these.</summary>
    public static LogModel Of(params string[] steps) => new(log => steps[log.Events.Count(e => e is StepChosen or StepRejected)]);

    public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation)
    {
        Rendered.MustBeAsAnew(turn);
        Interlocked.Increment(ref _calls);
        return Task.FromResult<ModelReply>(new ModelReply.Said(next(turn.Log)));
    }
}

/// <summary>Does not answer until it is let go.</summary>
internal sealed class HeldModel(string reply) : IModel
{
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => "scripted";

    public async Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation)
    {
        Asked.TrySetResult();
        await LetGo.Task.WaitAsync(cancellation);
        return new ModelReply.Said(reply);
    }
}

/// <summary>A prompt that goes on from the one before is the one that the log alone would give.</summary>
internal static class Rendered
{
    public static void MustBeAsAnew(ModelTurn turn) => Assert.Equal(turn.Asked ?? PromptRenderer.Render(turn.Agent, turn.Log.Events), turn.Prompt);
}
