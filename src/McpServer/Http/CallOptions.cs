using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Http;

/// <summary>
/// Over stateless HTTP the SDK makes a server for every request, with a handler and its filters for every method there
/// is. Nearly all requests call a tool: to those only what answers that is given.
/// </summary>
internal static class CallOptions
{
    /// <summary>By then the SDK has seen that the headers say what the body does.</summary>
    public static Task Narrow(HttpContext context, McpServerOptions options, CancellationToken cancellation)
    {
        if (context.Request.Headers["Mcp-Method"] is [RequestMethods.ToolsCall] && context.Request.Headers["MCP-Protocol-Version"] is [{ } version] && VersionErrors.Stateless.Contains(version))
        {
            Narrow(options);
        }

        return Task.CompletedTask;
    }

    private static void Narrow(McpServerOptions options)
    {
        options.Capabilities = null;
        options.PromptCollection = null;
        options.ResourceCollection = null;
#pragma warning disable MCPEXP002 // experimental in the SDK, as is what is taken away here
        options.RequestHandlers = null;
#pragma warning restore MCPEXP002
        options.Handlers.CompleteHandler = null;
        options.Handlers.SubscriptionsListenHandler = null;
        options.Handlers.SubscribeToResourcesHandler = null;
        options.Handlers.UnsubscribeFromResourcesHandler = null;
        var filters = options.Filters.Request;
        filters.ListToolsFilters.Clear();
        filters.ListPromptsFilters.Clear();
        filters.GetPromptFilters.Clear();
        filters.ListResourcesFilters.Clear();
        filters.ListResourceTemplatesFilters.Clear();
        filters.ReadResourceFilters.Clear();
    }
}
