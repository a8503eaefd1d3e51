using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

#pragma warning disable MCPEXP002 // what answers methods of its own, and filters of calls that end in a task, are experimental in the SDK

namespace AgentMcp.Server.Protocol;

/// <summary>
/// Options with all their handlers and filters made once: over stateless HTTP the SDK asks for options at every request.
/// Given are copies of the lists, since others add to them.
/// </summary>
internal sealed class ReadyOptions
{
    private readonly McpServerOptions _ready = new();

    public ReadyOptions(Action<McpServerOptions> apply) => apply(_ready);

    public void Give(McpServerOptions options)
    {
        options.ServerInfo = _ready.ServerInfo;
        options.ServerInstructions = _ready.ServerInstructions;
        options.ToolCollection = _ready.ToolCollection;
        options.PromptCollection = _ready.PromptCollection;
        options.ResourceCollection = _ready.ResourceCollection;
        options.RequestHandlers = [.. _ready.RequestHandlers ?? []];
        options.Capabilities = new()
        {
            Resources = new() { Subscribe = _ready.Capabilities?.Resources?.Subscribe },
            Extensions = _ready.Capabilities?.Extensions?.Keys.ToDictionary(id => id, _ => (object)new JsonObject()),
        };
        var handlers = options.Handlers;
        handlers.CompleteHandler = _ready.Handlers.CompleteHandler;
        handlers.SubscriptionsListenHandler = _ready.Handlers.SubscriptionsListenHandler;
        handlers.SubscribeToResourcesHandler = _ready.Handlers.SubscribeToResourcesHandler;
        handlers.UnsubscribeFromResourcesHandler = _ready.Handlers.UnsubscribeFromResourcesHandler;
        Add(_ready.Filters.Message.IncomingFilters, options.Filters.Message.IncomingFilters);
        Add(_ready.Filters.Message.OutgoingFilters, options.Filters.Message.OutgoingFilters);
        var (from, to) = (_ready.Filters.Request, options.Filters.Request);
        Add(from.CallToolFilters, to.CallToolFilters);
        Add(from.CallToolWithAlternateFilters, to.CallToolWithAlternateFilters);
        Add(from.ListToolsFilters, to.ListToolsFilters);
        Add(from.ListPromptsFilters, to.ListPromptsFilters);
        Add(from.GetPromptFilters, to.GetPromptFilters);
        Add(from.ListResourcesFilters, to.ListResourcesFilters);
        Add(from.ListResourceTemplatesFilters, to.ListResourceTemplatesFilters);
        Add(from.ReadResourceFilters, to.ReadResourceFilters);
    }

    private static void Add<T>(IList<T> from, IList<T> to)
    {
        for (var i = 0; i < from.Count; i++)
        {
            to.Add(from[i]);
        }
    }
}
