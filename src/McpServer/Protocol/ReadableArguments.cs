using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>Says what is wrong with arguments the SDK cannot read; by itself it answers that an error occurred.</summary>
internal static class ReadableArguments
{
    public static McpMessageFilter Filter => next => (context, cancellation) =>
        context.JsonRpcMessage is JsonRpcRequest { Method: RequestMethods.ToolsCall, Params: JsonObject parameters } && Problem(parameters["arguments"]) is { } problem
            ? throw new McpProtocolException(problem, McpErrorCode.InvalidParams)
            : next(context, cancellation);

    private static string? Problem(JsonNode? arguments)
    {
        if (arguments is null)
        {
            return null;
        }

        if (arguments is not JsonObject)
        {
            return "The arguments of a tool must be a JSON object.";
        }

        try
        {
            arguments.ToJsonString();
            return null;
        }
        catch (InvalidOperationException)
        {
            return "The arguments hold text that is not valid Unicode: half of a surrogate pair. Send the whole character, or leave it out.";
        }
    }
}
