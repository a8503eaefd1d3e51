using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// Calls of one server that are under way. In a session of before 2026-07-28 the server asks on the same connection
/// and does not say for which call: with one under way that has not asked yet it is that one's question, with several it
/// is told that nobody answers. A call that asks is held here until its thread has the answer. Thread-safe.
/// </summary>
internal sealed class HeldCalls(TimeSpan patience, TimeProvider clock)
{
    private readonly ConcurrentDictionary<HeldCall, bool> _running = new();
    private readonly ConcurrentDictionary<string, HeldCall> _asking = new(StringComparer.Ordinal);

    /// <summary>After this nobody is waited for any more.</summary>
    public DateTimeOffset Until => clock.GetUtcNow() + patience;

    public HeldCall Begin(Func<CancellationToken, Task<JsonObject>> send)
    {
        var call = new HeldCall();
        // Before it is sent: the question may be back before the sender goes on.
        _running[call] = true;
        call.Send(send);
        _ = call.Result.ContinueWith(_ => _running.TryRemove(call, out var _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return call;
    }

    public void Keep(string key, HeldCall call) => _asking[key] = call;

    public HeldCall? Take(string key) => _asking.TryRemove(key, out var call) ? call : null;

    public Task<JsonNode> Ask(JsonRpcRequest asked, CancellationToken cancellation) => _running.Keys.Where(call => !call.IsAsking).ToList() is [var one] && asked.Params is { } form
        ? one.Ask(form, cancellation)
        : Task.FromResult<JsonNode>(new JsonObject { ["action"] = "cancel" });
}

/// <summary>One call, its questions in turn, and its result.</summary>
internal sealed class HeldCall
{
    private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<JsonNode> _question = New<JsonNode>();
    private TaskCompletionSource<JsonNode>? _answer;

    public Task<JsonObject> Result { get; private set; } = null!;

    /// <summary>It waits for an answer, so another question is not its own.</summary>
    public bool IsAsking => _answer is { Task.IsCompleted: false };

    public void Send(Func<CancellationToken, Task<JsonObject>> send) => Result = Run(send);

    /// <summary>The next question, or null once there is a result. Who stops waiting before either gives the call up.</summary>
    public async Task<JsonNode?> Next(CancellationToken cancellation)
    {
        try
        {
            return await Task.WhenAny(Result, _question.Task).WaitAsync(cancellation).ConfigureAwait(false) == Result ? null : await _question.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _givenUp.TrySetResult();
            throw;
        }
    }

    public Task<JsonNode> Ask(JsonNode form, CancellationToken cancellation)
    {
        _answer = New<JsonNode>();
        _question.TrySetResult(form);
        return _answer.Task.WaitAsync(cancellation);
    }

    /// <summary>Hands over what was said to the last question; there may be none.</summary>
    public void Say(Relayed? relayed)
    {
        if (relayed is not null && _answer is not null)
        {
            Answer(UpstreamState.Response(relayed));
        }
    }

    public void Say(string action, JsonNode? content) => Answer(new JsonObject { ["action"] = action, ["content"] = content });

    private async Task<JsonObject> Run(Func<CancellationToken, Task<JsonObject>> send)
    {
        using var stop = new CancellationTokenSource();
        var work = send(stop.Token);
        if (await Task.WhenAny(work, _givenUp.Task).ConfigureAwait(false) != work)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        return await work.ConfigureAwait(false);
    }

    private void Answer(JsonNode said)
    {
        _question = New<JsonNode>();
        _answer?.TrySetResult(said);
    }

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
