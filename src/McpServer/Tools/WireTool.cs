using System.Text.Json;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tools;

/// <summary>
/// A tool as it goes over the wire: arguments checked against the published schema, refusals as results a caller can
/// act on, everything else an internal error that is logged and not shown.
/// </summary>
internal abstract class WireTool(Tool tool) : McpServerTool
{
    private readonly JsonText _input = JsonText.From(tool.InputSchema);

    public override Tool ProtocolTool => tool;

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        try
        {
            var arguments = Arguments.Of(request.Params);
            return Violation(arguments, out var parsed) is { } violation
                ? throw new RefusedException(RefusalCode.InvalidInput, $"The arguments of {tool.Name} do not fit: {violation}. They must match this JSON Schema: {_input}")
                : Known(await Invoke(request, new(arguments, parsed), cancellationToken).ConfigureAwait(false), request.Server.NegotiatedProtocolVersion);
        }
        catch (RefusedException e)
        {
            return Error(WireName.Of(e.Code), e.Message);
        }
        catch (DatabaseException e)
        {
            return Error(WireName.Of(RefusalCode.Unavailable), e.Message);
        }
        catch (InvalidDataException e)
        {
            return Error(WireName.Of(RefusalCode.Unavailable), $"The thread's log cannot be read. {e.Message}");
        }
    }

    /// <summary>Why the arguments do not fit; null when they do.</summary>
    protected virtual string? Violation(JsonText arguments, out JsonElement parsed) => JsonSchemas.Violation(_input, arguments, out parsed);

    protected abstract Task<CallToolResult> Invoke(RequestContext<CallToolRequestParams> request, Arguments arguments, CancellationToken cancellation);

    protected static CallToolResult Result(string sentence, JsonText json, bool isError = false) => new()
    {
        StructuredContent = json.Element(),
        Content = [new TextContentBlock { Text = $"{sentence}\n{json}" }],
        IsError = isError,
    };

    // A client of before 2025-06-18 knows no links and may choke on one; the text says where the output is.
    private static CallToolResult Known(CallToolResult result, string? protocol)
    {
        if (string.CompareOrdinal(protocol, "2025-06-18") < 0)
        {
            result.Content = [.. result.Content.Where(block => block is not ResourceLinkBlock)];
        }

        return result;
    }

    private static CallToolResult Error(string code, string message) =>
        new() { Content = [new TextContentBlock { Text = $"{code}: {message}" }], IsError = true };
}

/// <summary>Arguments that fit their schema, read by name.</summary>
/// <param name="All">As text.</param>
/// <param name="Json">The same parsed.</param>
internal readonly record struct Arguments(JsonText All, JsonElement Json)
{
    /// <summary>The arguments of a call as they came.</summary>
    public static JsonText Of(CallToolRequestParams call) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in call.Arguments ?? new Dictionary<string, JsonElement>())
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    public string? Text(string name) => Find(name)?.GetString();

    public bool? Flag(string name) => Find(name)?.GetBoolean();

    public double? Number(string name) => Find(name)?.GetDouble();

    public JsonText? Value(string name) => Find(name) is { } value ? JsonText.From(value) : null;

    /// <exception cref="RefusedException">The text is no thread id.</exception>
    public ThreadId Thread(string name = "thread_id") => ThreadId.TryParse(Text(name), out var id) ? id : throw new RefusedException(
        RefusalCode.ThreadNotFound, $"'{Text(name)}' is not a thread id. One looks like thr_0198c0a1... and is in the result of the call that started it; list_threads shows them all.");

    /// <summary>The arguments without these names.</summary>
    public JsonText Without(params string[] names)
    {
        var json = Json;
        return !names.Any(name => json.TryGetProperty(name, out _)) ? All : JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var member in json.EnumerateObject().Where(member => !names.Contains(member.Name)))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        });
    }

    private JsonElement? Find(string name) =>
        Json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
