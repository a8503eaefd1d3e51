using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// What JSON has to know of the types of a session's first messages. It takes a quarter of a start to find out, and nothing
/// else is needed for it: so it is found out beside the rest, on a core that has nothing to do yet.
/// </summary>
internal static class ProtocolTypes
{
    private static readonly Type[] First =
    [
        typeof(JsonRpcMessage), typeof(InitializeRequestParams), typeof(InitializeResult), typeof(DiscoverResult), typeof(ListToolsRequestParams), typeof(ListToolsResult),
        typeof(ListPromptsResult), typeof(GetPromptResult), typeof(ListResourcesResult), typeof(ReadResourceResult), typeof(CompleteResult),
        typeof(CallToolRequestParams), typeof(CallToolResult),
    ];

    private static readonly Lazy<Task> Found = new(() => Task.Run(() => Array.ForEach(First, type => _ = McpJsonUtilities.DefaultOptions.GetTypeInfo(type))));

    /// <summary>Begins, if that has not been done; the task ends when all is known.</summary>
    public static Task Find() => Found.Value;
}
