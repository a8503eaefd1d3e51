using System.Collections.Concurrent;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>Requests of the one client that were read and not answered yet. One that was cancelled gets no answer.</summary>
internal sealed class Unanswered
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);
    private readonly ConcurrentDictionary<string, bool> _requests = new();
    private int _unseen;

    /// <summary>Bytes that were read: each line is a message that will be seen here, though perhaps a moment later.</summary>
    public void Read(ReadOnlySpan<byte> bytes) => Interlocked.Add(ref _unseen, bytes.Count((byte)'\n'));

    public void Watch(McpServerOptions options)
    {
        options.Filters.Message.IncomingFilters.Add(next => (context, cancellation) =>
        {
            if (context.JsonRpcMessage is JsonRpcRequest request)
            {
                _requests[request.Id.ToString()] = true;
            }
            else if (context.JsonRpcMessage is JsonRpcNotification { Method: NotificationMethods.CancelledNotification, Params: { } parameters }
                && parameters["requestId"] is { } cancelled)
            {
                _requests.TryRemove(cancelled.ToString(), out _);
            }

            Interlocked.Decrement(ref _unseen);
            return next(context, cancellation);
        });
        options.Filters.Message.OutgoingFilters.Add(next => async (context, cancellation) =>
        {
            await next(context, cancellation).ConfigureAwait(false);
            if (context.JsonRpcMessage is JsonRpcMessageWithId and not JsonRpcRequest)
            {
                _requests.TryRemove(((JsonRpcMessageWithId)context.JsonRpcMessage).Id.ToString(), out _);
            }
        });
    }

    /// <summary>Waits until all are answered, but no longer than told.</summary>
    public async Task Answered(TimeSpan atMost)
    {
        var until = DateTime.UtcNow + atMost;
        while ((Volatile.Read(ref _unseen) > 0 || !_requests.IsEmpty) && DateTime.UtcNow < until)
        {
            await Task.Delay(Glance).ConfigureAwait(false);
        }
    }
}
