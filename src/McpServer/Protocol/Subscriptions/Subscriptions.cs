using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Tasks;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>
/// What a client can be told without asking: that a thread it follows moved, that a task of its changed, that a list
/// changed. Clients of 2026-07-28 listen, those before it subscribe; both are served by one watch.
/// </summary>
internal sealed class Subscriptions
{
    private readonly Listening _listening;
    private readonly SessionSubscriptions _sessions;

    public Subscriptions(Core core, TaskShape tasks, McpServerPrimitiveCollection<McpServerTool> tools, McpServerPrimitiveCollection<McpServerPrompt> prompts, McpServerResourceCollection resources)
    {
        var threads = new ThreadWatch(core);
        var open = new OpenSubscriptions(core.Settings.Limits.Subscriptions);
        _listening = new(core, threads, tasks, open);
        _sessions = new(core, threads, open);
        // To sessions the SDK tells these by itself.
        tools.Changed += (_, _) => threads.ListChanged(NotificationMethods.ToolListChangedNotification);
        prompts.Changed += (_, _) => threads.ListChanged(NotificationMethods.PromptListChangedNotification);
        resources.Changed += (_, _) => threads.ListChanged(NotificationMethods.ResourceListChangedNotification);
    }

    public void Apply(McpServerOptions options)
    {
        options.Capabilities ??= new();
        options.Capabilities.Resources = new() { Subscribe = true };
        options.Handlers.SubscriptionsListenHandler = _listening.Listen;
        options.Handlers.SubscribeToResourcesHandler = _sessions.Subscribe;
        options.Handlers.UnsubscribeFromResourcesHandler = _sessions.Unsubscribe;
    }

    public void FollowSessions(HttpServerTransportOptions http) => _sessions.FollowSessions(http);
}
