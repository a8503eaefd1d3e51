using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

/// <summary>
/// Of a request that a tool passes on from somewhere else: how it goes on there. The answer belongs to the tool, which
/// is run again with it. Nobody but the tool reads the continuation, and nothing of this is rendered.
/// </summary>
/// <param name="Path">Where it was asked, below the thread that shows it: ids, the outermost first, with a space between.</param>
/// <param name="Url">A page there on which a person answers it.</param>
/// <param name="OnlyThere">It takes no answer from here.</param>
public sealed record Relay(JsonText Continuation, string? Path = null, string? Url = null, bool OnlyThere = false);

/// <summary>What became of a request that was passed on. Without an answer and not expired, it was settled where it came from.</summary>
public sealed record Relayed(JsonText Continuation, RequestAnswered? Answer = null, bool Expired = false);

/// <summary>A request that was passed on is no longer asked where it came from.</summary>
public sealed record WithdrawRequest(DateTimeOffset At, RequestId Request, string Reason) : ThreadCommand(At);

/// <summary>The fold and the rules of requests that are passed on.</summary>
internal static class Relaying
{
    /// <summary>The call as it runs again, with what became of its request; null when it was another request.</summary>
    public static Call? Settle(ThreadState.Waiting waiting, ThreadEvent happened)
    {
        var (request, answer) = happened switch
        {
            RequestAnswered e => (e.Request, e),
            RequestExpired e => (e.Request, null),
            RequestWithdrawn e => (e.Request, null),
            _ => throw new InvalidOperationException(happened.GetType().Name),
        };
        // Each handing over has attempts of its own.
        return request != waiting.Request.Id ? null
            : waiting.Call! with { Attempt = 0, Relayed = new(waiting.Request.Asked.Relay!.Continuation, answer, happened is RequestExpired) };
    }

    public static RefusedException MiddleOf(AgentThread thread, Call call) => new(RefusalCode.InvalidVersion,
        $"Version {thread.Version} lies in the middle of {call.Id} ({call.Intent}), which goes on elsewhere; a copy cannot share it. Fork at version {call.Id.Version - 1}, before it was chosen.");
}
