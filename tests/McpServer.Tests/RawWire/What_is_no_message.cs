using System.Net;
using System.Net.Http.Headers;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.RawWire;

/// <summary>Found by the fuzzer: each of these was a 500, an answer that named types of the SDK, or "An error occurred.".</summary>
public sealed class What_is_no_message(SharedServers servers)
{
    [Theory]
    [InlineData("not JSON", -32700, "The message is not JSON: 'not JSON' is an invalid JSON literal. Expected the literal 'null'.")]
    [InlineData("", -32700, "The message is not JSON: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"calculator","_meta":{"\ud800":1}}}""", -32700, "The message holds text that is not valid Unicode: half of a surrogate pair. Send the whole character, or leave it out.")]
    [InlineData("[]", -32600, "Batches are not part of this protocol: send one message at a time, a JSON object.")]
    [InlineData("7", -32600, "A message is a JSON object with jsonrpc, method and, for a request, an id.")]
    [InlineData("""{"id":1,"method":"ping"}""", -32600, "jsonrpc must be \"2.0\".")]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"ping"}""", -32600, "id must be a string or a whole number.")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":["ping"]}""", -32600, "method must be a string.")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}""", -32600, "params must be an object.")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":{"a":1}}}""", -32600, "params.taskId must be a string.")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","colour":"blue"}""", -32600, "The message has a member that is not part of JSON-RPC: there are jsonrpc, id, method, params, result and error.")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", -32600, "The message has neither a method nor a result nor an error.")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_agents","_meta":{"a":1,"a":2}}}""", -32600, "The message names 'a' twice.")]
    public async Task Over_HTTP_it_is_told_what_is_wrong(string body, int code, string words)
    {
        using var client = RawHttp.Newest((await servers.Of(Transport.Http, Ways.Newest)).Url!);

        using var answer = await client.Post(body, "tools/call");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = System.Text.Json.JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("error");
        Assert.Equal((code, words), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()));
    }

    [Theory]
    [InlineData(Ways.Newest)]
    [InlineData(Ways.Sessions)]
    public async Task JSON_is_read_64_deep_and_no_deeper(string protocol)
    {
        var url = (await servers.Of(Transport.Http, Ways.Newest)).Url!;
        using var client = protocol == Ways.Newest ? RawHttp.Newest(url) : await RawHttp.Session(url);

        using var deep = await client.Post(Stdio_lines.Nested("deep", 64), "tools/call", request => request.Headers.Add("Mcp-Name", "list_agents"));
        using var deeper = await client.Post(Stdio_lines.Nested("deeper", 65), "tools/call", request => request.Headers.Add("Mcp-Name", "list_agents"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (deep.StatusCode, deeper.StatusCode));
        Assert.True((await RawHttp.Message(deep)).GetProperty("result").GetProperty("structuredContent").GetProperty("agents").GetArrayLength() > 0);
        Assert.Equal("""{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"The message is not JSON: The maximum configured depth of 64 has been exceeded. Cannot read next JSON array."}}""",
            await deeper.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_nobody_called_JSON_is_refused_and_breaks_nothing()
    {
        using var client = RawHttp.Newest((await servers.Of(Transport.Http, Ways.Newest)).Url!);

        using var answer = await client.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", "tools/list", request => request.Content!.Headers.ContentType = null);
        using var text = await client.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}""", "tools/list", request => request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain"));

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType), (answer.StatusCode, text.StatusCode));
    }

    [Fact]
    public async Task Over_pipes_parameters_that_cannot_be_read_are_told_as_that()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database);
        await server.Initialize();

        await server.Send("""{"jsonrpc":"2.0","id":"type","method":"resources/read","params":{"uri":7}}""");
        await server.Send("""{"jsonrpc":"2.0","id":"nameless","method":"tools/call","params":{"arguments":{}}}""");
        await server.Send("""{"jsonrpc":"2.0","id":"twice","method":"resources/read","params":{"uri":"x","uri":"y"}}""");
        await server.Send("""{"jsonrpc":"2.0","id":"bare","method":"tools/call"}""");
        await server.Send("""{"jsonrpc":"2.0","id":"null","method":"resources/subscribe","params":{"uri":null}}""");
        await server.Send("""{"jsonrpc":"2.0","id":"meta","method":"tools/call","params":{"name":"list_agents","arguments":{},"_meta":{"a":{"b":1,"b":2}}}}""");

        Assert.Equal("""{"code":-32602,"message":"What resources/read was given has a value that is not of its type at $.uri. See the MCP specification for what it takes."}""",
            (await server.Answer("type")).GetProperty("error").GetRawText());
        Assert.Equal("""{"code":-32602,"message":"params.name must be the name of a tool; tools/list shows which there are."}""", (await server.Answer("nameless")).GetProperty("error").GetRawText());
        Assert.Equal("""{"code":-32602,"message":"params.uri must not be null in resources/subscribe."}""", (await server.Answer("null")).GetProperty("error").GetRawText());
        Assert.Equal("What tools/call was given cannot be read. The message names 'b' twice.", (await server.Answer("meta")).GetProperty("error").GetProperty("message").GetString()!.Split(" at ")[0]);
        Assert.Equal("""{"code":-32602,"message":"What resources/read was given cannot be read. The message names \u0027uri\u0027 twice."}""", (await server.Answer("twice")).GetProperty("error").GetRawText());
        Assert.Equal("""{"code":-32602,"message":"params.name must be the name of a tool; tools/list shows which there are."}""", (await server.Answer("bare")).GetProperty("error").GetRawText());
    }
}
