using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Agents;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.State.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tools;

/// <summary>One microagent as one tool. Calling it starts a thread; cancelling the call cancels the thread.</summary>
internal sealed class AgentTool(Microagent agent, Core core, PausedCalls calls, string channel) : ThreadTool(Describe(agent), core, calls, channel)
{
    protected override Task<CallToolResult> Begin(RequestContext<CallToolRequestParams> request, Arguments arguments, CancellationToken cancellation) =>
        Start(agent.Name, arguments.Without(Reserved.Key, Reserved.Wait), request, arguments, this, cancellation);

    // What was started under a key is found whatever its agent takes by now; what is begun is checked before it is.
    protected override string? Violation(JsonText arguments, out JsonElement parsed) =>
        base.Violation(arguments, out parsed) is { } violation && JsonSchemas.Violation(Reserved.Keyed, arguments, out parsed) is not null ? violation : null;

    internal static async Task<CallToolResult> Start(
        string agent, JsonText input, RequestContext<CallToolRequestParams> request, Arguments arguments, ThreadTool tool, CancellationToken cancellation)
    {
        var caller = tool.CallerOf(request);
        var key = arguments.Text(Reserved.Key);
        tool.Access.Start(caller.Principal, agent, input, key);
        var log = await tool.Host.Launch(agent, input, caller.Responder, key, trace: TraceOf(request)).ConfigureAwait(false);
        return await tool.WaitFor(log.Thread.Id, arguments.Number(Reserved.Wait), request, cancellation, owned: true, known: log).ConfigureAwait(false);
    }

    // The SDK makes it the parent of the call where somebody traces; where nobody does it is kept for whoever goes on later, and goes along to other servers.
    private static CallersTrace? TraceOf(RequestContext<CallToolRequestParams> request)
    {
        return request.Params.Meta is null ? null : CallersTrace.Of(Text("traceparent"), Text("tracestate"));

        string? Text(string name) => request.Params.Meta[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }

    private static Tool Describe(Microagent agent)
    {
        var schema = (JsonObject)JsonNode.Parse(agent.Input.Text)!;
        var properties = schema["properties"] as JsonObject ?? [];
        foreach (var (name, property) in Reserved.Properties())
        {
            properties[name] = property;
        }

        schema["properties"] = properties;
        return new()
        {
            Name = agent.Name,
            Title = agent.Name,
            Description = $"{agent.Description} A microagent: the call may return status \"pending\" with a request; then follow its \"next\".",
            InputSchema = JsonText.Parse(schema.ToJsonString()).Element(),
            OutputSchema = ThreadResult.Schema.Element(),
            Annotations = new() { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = false, OpenWorldHint = true },
            Icons = Icons.Agent,
        };
    }
}

/// <summary>Arguments every agent takes beside its own input.</summary>
internal static class Reserved
{
    public const string Key = Microagent.KeyArgument;
    public const string Wait = Microagent.WaitArgument;

    /// <summary>What the arguments of a call with a key are like whatever its agent takes.</summary>
    public static JsonText Keyed { get; } = JsonText.Parse(new JsonObject
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(Properties().Select(property => KeyValuePair.Create<string, JsonNode?>(property.Name, property.Property))),
        ["required"] = new JsonArray(Key),
    }.ToJsonString());

    public static IEnumerable<(string Name, JsonNode Property)> Properties() =>
    [
        (Key, JsonNode.Parse("""{"type":"string","minLength":1,"maxLength":200,"description":"The same key returns the same thread instead of starting another."}""")!),
        (Wait, JsonNode.Parse("""{"type":"number","minimum":0,"description":"Seconds to wait for a result (default 40); the run goes on either way."}""")!),
    ];
}
