using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// Calls of one server that are under way. In a session of before 2026-07-28 the server asks on the same connection
/// and does not say for which call: with one under way that has not asked yet it is that one's question, with several it
/// is told that nobody answers. A call that asks is held here until its thread has the answer, and no longer than the
/// patience: its thread may have gone on in another process, which cannot tell. Thread-safe.
/// </summary>
internal sealed class HeldCalls(TimeSpan patience, TimeProvider clock)
{
    // A thread whose time is up finds what the server said to that.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<HeldCall, bool> _running = new();
    private readonly ConcurrentDictionary<string, HeldQuestion> _asking = new(StringComparer.Ordinal);

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

    public void Keep(string key, HeldQuestion question)
    {
        _asking[key] = question;
        _ = Forget(key, question);
    }

    public HeldQuestion? Take(string key) => _asking.TryRemove(key, out var question) ? question : null;

    public Task<JsonNode> Ask(JsonRpcRequest asked, CancellationToken cancellation)
    {
        if (_running.Keys.Where(call => !call.IsAsking).ToList() is not [var one] || asked.Params is not { } form || one.Ask(form) is not { } question)
        {
            return Task.FromResult<JsonNode>(HeldQuestion.Nobody);
        }

        _ = GiveUp(question);
        return question.Said.WaitAsync(cancellation);
    }

    // Every question, also one that nobody comes to hear. An answer of the last moment may still be on its way here.
    private async Task GiveUp(HeldQuestion question)
    {
        await ((Task)question.Said).WaitAsync(patience + Slack, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        question.Say(HeldQuestion.Nobody);
    }

    private async Task Forget(string key, HeldQuestion question)
    {
        await ((Task)question.Said).WaitAsync(patience + Slack + Slack, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(Slack, clock).ConfigureAwait(false);
        _asking.TryRemove(new(key, question));
    }
}

/// <summary>One thing that a server asks in the middle of a call. What is said to it first counts.</summary>
internal sealed class HeldQuestion(HeldCall call, JsonNode form)
{
    private readonly TaskCompletionSource<JsonNode> _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>That nobody answers.</summary>
    public static JsonObject Nobody => new() { ["action"] = "cancel" };

    public HeldCall Call => call;

    public JsonNode Form => form;

    public Task<JsonNode> Said => _said.Task;

    /// <returns>Whether nothing had been said before.</returns>
    public bool Say(JsonNode said) => _said.TrySetResult(said);
}

/// <summary>One call, its questions in turn, and its result.</summary>
internal sealed class HeldCall
{
    private readonly Lock _turn = new();
    private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<HeldQuestion> _next = New();
    private HeldQuestion? _last;

    public Task<JsonObject> Result { get; private set; } = null!;

    /// <summary>It waits for an answer, so another question is not its own.</summary>
    public bool IsAsking => _last is { Said.IsCompleted: false };

    public void Send(Func<CancellationToken, Task<JsonObject>> send) => Result = Run(send);

    /// <summary>The next question, or null once there is a result. Who stops waiting before either gives the call up.</summary>
    public async Task<HeldQuestion?> Next(CancellationToken cancellation)
    {
        try
        {
            if (await Task.WhenAny(Result, _next.Task).WaitAsync(cancellation).ConfigureAwait(false) == Result)
            {
                return null;
            }

            var question = await _next.Task.ConfigureAwait(false);
            _next = New();
            return question;
        }
        catch (OperationCanceledException)
        {
            _givenUp.TrySetResult();
            throw;
        }
    }

    /// <summary>Null while another one is open.</summary>
    public HeldQuestion? Ask(JsonNode form)
    {
        var question = new HeldQuestion(this, form);
        lock (_turn)
        {
            if (IsAsking)
            {
                return null;
            }

            _last = question;
        }

        _next.TrySetResult(question);
        return question;
    }

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

    private static TaskCompletionSource<HeldQuestion> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
