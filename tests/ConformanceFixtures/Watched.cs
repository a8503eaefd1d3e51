using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.ConformanceFixtures;

/// <summary>A resource that never changes may be followed without anything to do; all others are the server's.</summary>
internal static class Watched
{
    public const string Uri = "test://watched-resource";

    public static void Apply(McpServerOptions options)
    {
        var (subscribe, unsubscribe) = (options.Handlers.SubscribeToResourcesHandler!, options.Handlers.UnsubscribeFromResourcesHandler!);
        options.Handlers.SubscribeToResourcesHandler = (request, cancellation) =>
            request.Params.Uri == Uri ? ValueTask.FromResult(new EmptyResult()) : subscribe(request, cancellation);
        options.Handlers.UnsubscribeFromResourcesHandler = (request, cancellation) =>
            request.Params.Uri == Uri ? ValueTask.FromResult(new EmptyResult()) : unsubscribe(request, cancellation);
    }
}
