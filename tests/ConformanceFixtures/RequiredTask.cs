using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.ConformanceFixtures;

/// <summary>
/// The suite has one tool that only a client of the Tasks extension may call. Agents of this server answer every
/// client, so the rule is made here; the error and its way over the wire are the server's.
/// </summary>
internal static class RequiredTask
{
    private const string Tool = "failing_job";
    private const string Extension = "io.modelcontextprotocol/tasks";

    public static void Apply(McpServerOptions options) => options.Filters.Request.CallToolFilters.Add(next => (request, cancellation) =>
        request.Params.Name == Tool && request.JsonRpcRequest.Context?.ClientCapabilities?.Extensions?.ContainsKey(Extension) != true
            ? throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Extensions = new Dictionary<string, object> { [Extension] = new JsonObject() } })
            : next(request, cancellation));
}
