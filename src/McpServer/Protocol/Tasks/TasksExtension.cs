using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Tasks;

/// <summary>The words of the extension <c>io.modelcontextprotocol/tasks</c>, and who may use them: whoever says so in the request itself.</summary>
internal static class TasksExtension
{
    public const string Id = "io.modelcontextprotocol/tasks";
    public const string Notification = "notifications/tasks";
    private const string First = "2026-07-28";

    /// <summary>Tells clients of the extension; not those of the handshake, whose protocols know no such thing.</summary>
    public static void Advertise(McpServerOptions options)
    {
        options.Capabilities ??= new();
        options.Capabilities.Extensions ??= new Dictionary<string, object>();
        options.Capabilities.Extensions[Id] = new JsonObject();
        options.Filters.Message.OutgoingFilters.Add(next => (context, cancellation) =>
        {
            if (context.JsonRpcMessage is JsonRpcResponse { Result: JsonObject result } && result.ContainsKey("protocolVersion")
                && result["capabilities"] is JsonObject capabilities && capabilities["extensions"] is JsonObject extensions && extensions.Remove(Id) && extensions.Count == 0)
            {
                capabilities.Remove("extensions");
            }

            return next(context, cancellation);
        });
    }

    public static bool IsDeclaredIn(JsonRpcRequest request) =>
        IsKnownTo(request) && request.Context?.ClientCapabilities?.Extensions?.ContainsKey(Id) == true;

    /// <exception cref="McpProtocolException">The request is of an earlier protocol, or its client has not declared the extension.</exception>
    public static void Require(JsonRpcRequest request)
    {
        if (!IsKnownTo(request))
        {
            throw new McpProtocolException($"The method '{request.Method}' is not available before {First}.", McpErrorCode.MethodNotFound);
        }

        if (!IsDeclaredIn(request))
        {
            throw new MissingRequiredClientCapabilityException(
                new ClientCapabilities { Extensions = new Dictionary<string, object> { [Id] = new JsonObject() } },
                $"This needs the client extension {Id}; declare it in _meta of the request.");
        }
    }

    /// <summary>The tasks a <c>subscriptions/listen</c> names; null when it names none.</summary>
    /// <inheritdoc cref="Require"/>
    public static IReadOnlyList<string>? IdsIn(JsonRpcRequest listen)
    {
        if (listen.Params?["notifications"]?["taskIds"] is not { } named)
        {
            return null;
        }

        Require(listen);
        return named is JsonArray ids && ids.All(id => id is JsonValue value && value.TryGetValue<string>(out _))
            ? [.. ids.Select(id => id!.GetValue<string>())]
            : throw new McpProtocolException("taskIds must be a list of task ids.", McpErrorCode.InvalidParams);
    }

    private static bool IsKnownTo(JsonRpcRequest request) => string.CompareOrdinal(request.Context?.ProtocolVersion, First) >= 0;
}
