using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Pause;

/// <summary>Calls of 2026-07-28 as they go over the wire, so that a state can be kept, changed and sent again.</summary>
internal sealed class InputRequired : IAsyncDisposable
{
    private readonly RawHttp? _http;
    private readonly RawStdio? _stdio;
    private int _id;

    private InputRequired(RawHttp? http, RawStdio? stdio) => (_http, _stdio) = (http, stdio);

    public static InputRequired Over(Uri url) => new(RawHttp.Newest(url), null);

    public static InputRequired Over(string database, IReadOnlyDictionary<string, string> settings) => new(null, new RawStdio(database, settings));

    /// <summary>A server of this test alone.</summary>
    public RawStdio Stdio => _stdio!;

    /// <param name="state">What the call before gave, when this is that call made again.</param>
    /// <param name="filled">The form of the request, by its id.</param>
    public async Task<JsonElement> Call(string tool, object arguments, string? state = null, (string Request, object Result)? filled = null, bool forms = true)
    {
        var parameters = new JsonObject
        {
            ["name"] = tool,
            ["arguments"] = JsonSerializer.SerializeToNode(arguments),
            ["_meta"] = new JsonObject
            {
                ["io.modelcontextprotocol/protocolVersion"] = Ways.Newest,
                ["io.modelcontextprotocol/clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
                ["io.modelcontextprotocol/clientCapabilities"] = forms ? new JsonObject { ["elicitation"] = new JsonObject() } : new JsonObject(),
            },
        };
        if (state is not null)
        {
            parameters["requestState"] = state;
        }

        if (filled is { } form)
        {
            parameters["inputResponses"] = new JsonObject { [form.Request] = JsonSerializer.SerializeToNode(form.Result) };
        }

        var id = $"{++_id}";
        var message = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = "tools/call", ["params"] = parameters }.ToJsonString();
        if (_stdio is not null)
        {
            await _stdio.Send(message);
            return await _stdio.Answer(id);
        }

        using var answer = await _http!.Post(message, "tools/call", request => request.Headers.Add("Mcp-Name", tool));
        return await RawHttp.Message(answer);
    }

    public static object Approves { get; } = new { action = "accept", content = new { approve = true } };

    public static object Rejects { get; } = new { action = "accept", content = new { approve = false } };

    public static object Answers(string words) => new { action = "accept", content = new { answer = words } };

    /// <summary>The state and the id of the one request of a call that wants input.</summary>
    public static (string State, string Request) Wanted(JsonElement answer)
    {
        var result = answer.GetProperty("result");
        Assert.Equal("input_required", result.GetProperty("resultType").GetString());
        var form = Assert.Single(result.GetProperty("inputRequests").EnumerateObject());
        Assert.Equal("elicitation/create", form.Value.GetProperty("method").GetString());
        return (result.GetProperty("requestState").GetString()!, form.Name);
    }

    /// <summary>The plain result.</summary>
    public static JsonElement Plain(JsonElement answer) => answer.GetProperty("result").GetProperty("structuredContent");

    public static (int Code, string Message) Refused(JsonElement answer) =>
        (answer.GetProperty("error").GetProperty("code").GetInt32(), answer.GetProperty("error").GetProperty("message").GetString()!);

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_stdio is not null)
        {
            await _stdio.DisposeAsync();
        }
    }
}
