using System.Text;
using AgentMcp.Fuzz.Doors;
using AgentMcp.Fuzz.Inputs;
using CsCheck;

namespace AgentMcp.Fuzz.Targets;

/// <summary>HTTP requests that are not right: lines and headers, REST, and the pages.</summary>
internal static class Requests
{
    /// <summary>Bytes on a socket, as no client library would send them.</summary>
    public static Target Headers(HttpDoor door)
    {
        const string Body = """{"jsonrpc":"2.0","id":1,"method":"ping"}""";
        var host = $"127.0.0.1:{door.Url.Port}";
        var sample = $"POST /mcp HTTP/1.1\r\nHost: {host}\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: abc\r\nOrigin: http://localhost\r\nContent-Length: {Body.Length}\r\nConnection: close\r\n\r\n{Body}";
        string[] samples =
        [
            sample, sample.Replace("2025-11-25", "2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: calculator", StringComparison.Ordinal),
            $"GET /threads?status=pending&before=thr_ HTTP/1.1\r\nHost: {host}\r\nCookie: agentmcp_00000000=abc.def\r\nIf-None-Match: x\r\nRange: bytes=0-\r\nConnection: close\r\n\r\n",
            $"GET /api/v1/threads HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {door.Secret}\r\nLast-Event-ID: 5\r\nConnection: close\r\n\r\n",
            $"DELETE /mcp HTTP/1.1\r\nHost: {host}\r\nMcp-Session-Id: abc\r\nConnection: close\r\n\r\n",
            $"POST /hooks/hook HTTP/1.1\r\nHost: {host}\r\nwebhook-id: a\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,abc\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        ];
        return new("headers", Mutation.Bytes(Mutation.OfText(samples)).Select(bytes => new Attempt(Encoding.Latin1.GetString(bytes), async () => (await door.Raw(bytes, isWhole: false)).Status)), door.Process, ("200", 1));
    }

    public static Target Rest(HttpDoor door, string thread, string call, string contact)
    {
        (string Method, string Path, string? Body)[] samples =
        [
            ("GET", "/threads?status=pending&agent=calculator&kind=approval&limit=5&started_after=2026-05-04T10:00:00Z", null), ("GET", $"/threads/{thread}?include_events=true&wait_seconds=0", null),
            ("GET", $"/threads/{thread}/events?after=1", null), ("GET", "/requests?kind=approval", null), ("GET", $"/function_calls/{call}", null), ("GET", $"/human_contacts/{contact}", null),
            ("POST", "/threads", """{"agent":"calculator","input":{"message":"add 1 and 2"},"idempotency_key":"k","wait_seconds":0}"""),
            ("POST", $"/threads/{thread}/answer", """{"request_id":"req_1","approved_with_changes":{"a":1},"response":{"x":1},"comment":"c","wait_seconds":0}"""),
            ("POST", $"/threads/{thread}/fork", """{"at_version":2,"wait_seconds":0}"""), ("POST", "/threads/thr_0198c0a1000070008000000000000000/cancel", """{"reason":"no"}"""),
            ("POST", "/function_calls", """{"spec":{"fn":"push","kwargs":{"tag":"v1"},"channel":"hook","reject_options":[{"name":"later","title":"Later","prompt_fill":"x"}],"state":{"a":1}},"idempotency_key":"f"}"""),
            ("POST", $"/function_calls/{call}/respond", """{"approved":null,"comment":"c","reject_option_name":"x"}"""), ("POST", $"/function_calls/{call}/escalate", """{"escalation_msg":"look","channel":"hook"}"""),
            ("POST", "/human_contacts", """{"spec":{"msg":"which?","subject":"s","response_options":[{"name":"a","title":"A"}],"state":{}},"idempotency_key":"h"}"""),
            ("POST", $"/human_contacts/{contact}/respond", """{"response":{"x":[1]},"response_option_name":"b"}"""),
        ];
        return new("REST", Gen.OneOf(samples).SelectMany(sample => Gen.Select(
                Gen.Frequency((3, Gen.Const(sample.Path)), (1, Mutation.OfText(sample.Path)), (sample.Path.Contains('?', StringComparison.Ordinal) ? 6 : 0, Query(sample.Path))),
                sample.Body is null ? Gen.Const((string?)null) : Mutation.OfJson(sample.Body).Select(text => (string?)text), (path, body) => (sample.Method, path, body)))
            // What is no address cannot be sent, and is no input.
            .Where(input => Uri.TryCreate(door.Url, "/api/v1" + Escaped(input.path), out _))
            .Select(input => new Attempt($"{input.Method} {input.path} {input.body}", async () =>
            {
                var (status, body, _) = await door.Rest(new(input.Method), Escaped(input.path), input.body);
                return status < 400 || body.Length == 0 ? $"{status}" : $"{status} {System.Text.Json.Nodes.JsonNode.Parse(body)?["code"]}";
            })), door.Process, ("200", 5), ("422", 5));
    }

    private static Gen<string> Query(string path)
    {
        var (place, fields) = (path.Split('?')[0], path.Split('?').ElementAtOrDefault(1)?.Split('&') ?? ["x"]);
        return Gen.Select(Gen.OneOf(fields), Hostile.Text, (field, text) => $"{place}?{field.Split('=')[0]}={Uri.EscapeDataString(Whole(text.Length > 4000 ? text[..4000] : text))}");
    }

    // What a request line can hold at all.
    private static string Escaped(string path) => string.Concat(Whole(path.Length > 6000 ? path[..6000] : path).Select(c => c is <= ' ' or >= (char)0x7f or '\\' or '#' ? Uri.EscapeDataString(c.ToString()) : c.ToString()));

    // Half a surrogate pair cannot be written in an address.
    private static string Whole(string text) => string.Concat(text.Where(c => !char.IsSurrogate(c)));
}
