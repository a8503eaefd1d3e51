using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Tasks;
using AgentMcp.Server.Tools;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>
/// <c>subscriptions/listen</c> of 2026-07-28: one long request, whose notifications all carry its id. The SDK's own
/// handler grants nothing over HTTP and tells nothing of resources.
/// </summary>
internal sealed class Listening(Core core, ThreadWatch threads, TaskShape tasks, OpenSubscriptions open)
{
    public async ValueTask<EmptyResult> Listen(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken cancellation)
    {
        var taskIds = TasksExtension.IdsIn(request.JsonRpcRequest);
        var who = request.User?.Identity?.Name ?? Principals.Local;
        open.Take(who);
        try
        {
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
            open.Release(who);
        }
    }
}
