using System.Collections.Concurrent;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>
/// Tells a user's stop from a client's timeout and from a broken connection: all three end the call, only the first
/// ends the thread. A stop is a <c>notifications/cancelled</c>; clients that give up waiting send one too, and name
/// the timeout as its reason. Over HTTP without sessions a request id says nothing of who sent it, so there a
/// notification is not heeded; closing the request is all such a client can do, and that ends the call alone.
/// </summary>
internal sealed class Cancellations(bool oneClient)
{
    private const int MostEarly = 64;
    private readonly ConcurrentQueue<((string? Session, string Request) Key, string? Reason)> _early = new();
    private readonly ConcurrentDictionary<(string? Session, string Request), Call> _calls = new();

    /// <summary>Notes the reason of a cancellation before the call it names is cancelled.</summary>
    public McpMessageFilter Filter => next => async (context, cancellation) =>
    {
        if (context.JsonRpcMessage is JsonRpcNotification { Method: NotificationMethods.CancelledNotification, Params: { } parameters }
            && parameters["requestId"] is { } request && (oneClient || context.Server.SessionId is not null))
        {
            Note((context.Server.SessionId, request.ToString()), parameters["reason"]?.ToString());
        }

        await next(context, cancellation).ConfigureAwait(false);
    };

    public Call Watch(RequestContext<CallToolRequestParams> request)
    {
        var key = (request.Server.SessionId, request.JsonRpcRequest.Id.ToString());
        var call = new Call(() => _calls.TryRemove(key, out _));
        _calls[key] = call;
        foreach (var (early, reason) in _early)
        {
            if (early == key)
            {
                call.Cancel(reason);
            }
        }

        return call;
    }

    // Messages are handled side by side: a stop may get here before the call it stops, and is then kept for it.
    private void Note((string? Session, string Request) key, string? reason)
    {
        _early.Enqueue((key, reason));
        while (_early.Count > MostEarly)
        {
            _early.TryDequeue(out _);
        }

        if (_calls.TryGetValue(key, out var call))
        {
            call.Cancel(reason);
        }
    }

    internal sealed class Call(Action forget) : IDisposable
    {
        private volatile bool _cancelled;

        public string? Reason { get; private set; }

        public bool CancelledByUser => _cancelled && !IsTimeout(Reason);

        public void Cancel(string? reason)
        {
            Reason = reason;
            _cancelled = true;
        }

        public void Dispose() => forget();

        // -32001 is the code the TypeScript SDK gives a request that timed out.
        private static bool IsTimeout(string? reason) => reason is not null
            && (reason.Contains("timed out", StringComparison.OrdinalIgnoreCase) || reason.Contains("timeout", StringComparison.OrdinalIgnoreCase)
                || reason.Contains("-32001", StringComparison.Ordinal));
    }
}
