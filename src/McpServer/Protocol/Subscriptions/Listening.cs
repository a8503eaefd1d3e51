using System.Collections.Concurrent;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Tasks;
using AgentMcp.Server.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>
/// <c>subscriptions/listen</c> of 2026-07-28: one long request, whose notifications all carry its id. The SDK's own
/// handler grants nothing over HTTP and tells nothing of resources.
/// </summary>
internal sealed class Listening(Core core, ThreadWatch threads, TaskShape tasks)
{
    // Each stream holds a connection.
    private readonly ConcurrentDictionary<string, int> _streams = new(StringComparer.Ordinal);

    public async ValueTask<EmptyResult> Listen(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken cancellation)
    {
        var taskIds = TasksExtension.IdsIn(request.JsonRpcRequest);
        var who = request.User?.Identity?.Name ?? Principals.Local;
        var most = core.Settings.Limits.Subscriptions;
        try
        {
            if (_streams.AddOrUpdate(who, 1, (_, open) => open + 1) > most)
            {
                throw new McpProtocolException($"{who} has {most} subscriptions, the most one may have; end one first. (Setting max_subscriptions)", McpErrorCode.InvalidRequest);
            }

            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, core.Stopping);
            using var watch = threads.Open();
            var stream = new ListenStream(request, core, watch, tasks);
            await stream.Acknowledge(request.Params.Notifications, taskIds, ended.Token).ConfigureAwait(false);
            while (true)
            {
                await stream.Tell(await watch.Next(ended.Token).ConfigureAwait(false), ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (core.Stopping.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // The server ends: an answer tells the client that this was no broken connection.
            return new EmptyResult { Meta = ListenStream.Tag(request.JsonRpcRequest) };
        }
        finally
        {
            // Nobody who ends one leaves anything behind.
            if (_streams.AddOrUpdate(who, 0, (_, open) => open - 1) == 0)
            {
                _streams.TryRemove(new(who, 0));
            }
        }
    }
}
