using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Fuzz.Doors;
using AgentMcp.Fuzz.Inputs;
using CsCheck;

namespace AgentMcp.Fuzz.Targets;

/// <summary>JSON-RPC as it comes: framing and types over pipes and HTTP, tool arguments, and states of calls made again.</summary>
internal static class Messages
{
    // -32603 is "internal error": never an answer to what somebody sent.
    private static readonly HashSet<int> Codes = [-32700, -32600, -32601, -32602, -32002, -32020, -32021, -32022];

    public static Target Stdio(StdioDoor door, string thread, string request)
    {
        string[] samples =
        [
            .. Samples.Calls(thread, request).Select(call => Samples.Message("tools/call", call)), .. Samples.Requests(thread).Select(one => Samples.Message(one.Method, one.Parameters)),
            .. Samples.Calls(thread, request).Take(3).Select(call => Samples.Message("tools/call", Samples.WithMeta(call))),
            """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"x"}}""", """{"jsonrpc":"2.0","id":7,"result":{}}""",
            """{"jsonrpc":"2.0","id":7,"error":{"code":-1,"message":"x"}}""", """{"jsonrpc":"2.0","id":8,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}""",
        ];
        return new("stdio messages", Mutation.Bytes(Mutation.OfJson(samples)).Select(line => new Attempt(Encoding.UTF8.GetString(line), async () =>
            (await door.Send(line)).Select(Kind).FirstOrDefault() ?? "no answer")), door.Process, ("result", 3));
    }

    public static Target Http(HttpDoor door, string thread, string request)
    {
        (string Method, string Body)[] samples =
        [
            .. Samples.Calls(thread, request).Select(call => ("tools/call", Samples.Message("tools/call", Samples.WithMeta(call)))),
            .. Samples.Requests(thread).Select(one => (one.Method, Samples.Message(one.Method, Samples.WithMeta(one.Parameters)))),
        ];
        return new("HTTP messages", Gen.OneOf(samples).SelectMany(sample => Mutation.Bytes(Mutation.OfJson(sample.Body)).Select(body => (sample.Method, sample.Body, Sent: body)))
            .Select(input => new Attempt(Encoding.UTF8.GetString(input.Sent), () => Post(door, input.Sent, input.Method, NameIn(input.Body)))), door.Process, ("200 result", 5));
    }

    /// <summary>The frame is right, and only the arguments are not.</summary>
    public static Target Arguments(HttpDoor door, string thread, string request) => new("tool arguments", Gen.OneOf(Samples.Calls(thread, request))
        .SelectMany(call => Mutation.OfJson(call[(call.IndexOf("\"arguments\":", StringComparison.Ordinal) + 12)..^1]).Select(arguments => (Name: NameIn(call)!, Arguments: arguments)))
        .Select(input => new Attempt($"{input.Name} {input.Arguments}", () => Post(door,
            Encoding.UTF8.GetBytes(Samples.Message("tools/call", Samples.WithMeta("""{"name":"@0@","arguments":@1@}""".With(input.Name, input.Arguments)))), "tools/call", input.Name))), door.Process, ("200 result", 3), ("200 invalid_input", 10));

    /// <param name="state">One that the server gave, for this call.</param>
    public static Target States(HttpDoor door, string tool, string arguments, string state, string request) => new("requestState", Gen.Select(
            Mutation.OfText(state, state.Split('.')[0], "." + state.Split('.')[1], "e30.e30", ""), Mutation.OfJson("""{"@0@":{"action":"accept","content":{"approved":"maybe"}}}""".With(request)))
        .Select((given, responses) => new Attempt($"{given} {responses}", () => Post(door, Encoding.UTF8.GetBytes(Samples.Message("tools/call", Samples.WithMeta(
            """{"name":"@0@","arguments":@1@,"requestState":@2@,"inputResponses":@3@}""".With(tool, arguments, Hostile.Quoted(given), responses)))), "tools/call", tool))), door.Process, ("200 error -32602", 20));

    public static async Task<string> Post(HttpDoor door, byte[] body, string method, string? name)
    {
        var (status, text, _) = await door.Send(HttpMethod.Post, "/mcp", body, "application/json",
            ("Accept", "application/json"), ("Accept", "text/event-stream"), ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method), ("Mcp-Name", name ?? ""));
        var json = text.Split('\n').LastOrDefault(line => line.StartsWith("data: {", StringComparison.Ordinal)) is { } data ? data["data: ".Length..] : text;
        return json.StartsWith('{') ? $"{status} {Kind(JsonElement.Parse(json, new System.Text.Json.JsonDocumentOptions { MaxDepth = 200 }))}" : $"{status}";
    }

    /// <exception cref="UnclearException">It says that something went wrong inside.</exception>
    public static string Kind(JsonElement message)
    {
        if (message.TryGetProperty("error", out var error))
        {
            var code = error.GetProperty("code").GetInt32();
            // That a stored thread is damaged is nobody's fault who asks, and told as that.
            return (Codes.Contains(code) || error.GetProperty("message").GetString()!.Contains("cannot be read.", StringComparison.Ordinal)) && error.GetProperty("message").GetString() is { Length: > 0 } ? $"error {code}" : throw new UnclearException($"an error of code {code}: {message}");
        }

        if (!message.TryGetProperty("result", out var result))
        {
            return message.TryGetProperty("method", out var method) ? method.GetString()! : throw new UnclearException($"no message: {message}");
        }

        return result.TryGetProperty("isError", out var isError) && isError.GetBoolean() && !result.TryGetProperty("structuredContent", out _)
            ? result.GetProperty("content")[0].GetProperty("text").GetString()!.Split(':')[0] : "result";
    }

    private static string? NameIn(string json)
    {
        var node = JsonNode.Parse(json)!;
        var parameters = node["params"] ?? node;
        return (parameters["name"] ?? parameters["taskId"] ?? parameters["uri"])?.ToString();
    }
}
