using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>Says what is wrong with parameters the SDK cannot read; by itself it answers that an error occurred.</summary>
internal static class ReadableArguments
{
    public static McpMessageFilter Filter => next => async (context, cancellation) =>
    {
        if (context.JsonRpcMessage is not JsonRpcRequest request)
        {
            await next(context, cancellation).ConfigureAwait(false);
            return;
        }

        try
        {
            if (request.Method == RequestMethods.ToolsCall && (Name(request.Params) ?? Problem(request.Params?["arguments"])) is { } problem)
            {
                throw new McpProtocolException(problem, McpErrorCode.InvalidParams);
            }

            ReadThrough((request.Params as JsonObject)?["_meta"]);
            await next(context, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException && Flaw(request.Params) is not null)
        {
            throw new McpProtocolException($"What {request.Method} was given cannot be read. {Flaw(request.Params)}", e, McpErrorCode.InvalidParams);
        }
        catch (Exception e) when (e is ArgumentException or NullReferenceException && request.Params is null)
        {
            throw new McpProtocolException($"{request.Method} needs params.", e, McpErrorCode.InvalidParams);
        }
        catch (Exception e) when (e is ArgumentException or NullReferenceException && Null(request.Params, "params") is not null)
        {
            throw new McpProtocolException($"{Null(request.Params, "params")} must not be null in {request.Method}.", e, McpErrorCode.InvalidParams);
        }
        catch (DatabaseException e)
        {
            throw new McpProtocolException($"What {request.Method} asks for cannot be read. {e.Message}", e, McpErrorCode.InternalError);
        }
        catch (InvalidDataException e)
        {
            throw new McpProtocolException($"A thread's log cannot be read. {e.Message}", e, McpErrorCode.InternalError);
        }
        catch (JsonException e)
        {
            // What tools do with their arguments, they catch themselves: this was about the message.
            throw new McpProtocolException($"{UnreadableJson.Say(e, $"What {request.Method} was given").TrimEnd('.')}. See the MCP specification for what it takes.", e, McpErrorCode.InvalidParams);
        }
    };

    // A node is read where it is first used, and only then found to be no text or to have a name twice.
    private static string? Flaw(JsonNode? parameters)
    {
        try
        {
            return MessageText.Twice(Encoding.UTF8.GetBytes(parameters?.ToJsonString() ?? "null"));
        }
        catch (ArgumentException)
        {
            return "An object in it has a name twice.";
        }
        catch (InvalidOperationException)
        {
            return "It holds text that is not valid Unicode: half of a surrogate pair.";
        }
    }

    // What a tool or the SDK reads of it later would fail there, as that tool's error.
    private static void ReadThrough(JsonNode? node)
    {
        foreach (var (_, value) in node as JsonObject ?? [])
        {
            ReadThrough(value);
        }
    }

    private static string? Null(JsonNode? node, string path) => node is not JsonObject json ? null
        : json.Select(member => member.Value is null ? $"{path}.{member.Key}" : Null(member.Value, $"{path}.{member.Key}")).FirstOrDefault(found => found is not null);

    private static string? Name(JsonNode? parameters) =>
        parameters is JsonObject && parameters["name"] is JsonValue name && name.GetValueKind() == JsonValueKind.String && name.GetValue<string>().Length > 0
            ? null : "params.name must be the name of a tool; tools/list shows which there are.";

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
