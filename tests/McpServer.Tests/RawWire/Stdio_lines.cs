using System.Text;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.RawWire;

public sealed class Stdio_lines
{
    [Fact]
    [Trait("Accepts", "X.1")]
    public async Task Standard_output_carries_only_messages_of_the_protocol_even_when_verbose()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database, null, "--verbose");
        await server.Initialize();
        var pending = await server.Ask("1", "calculator", new { message = "divide 3 by 4" });
        await server.Ask("2", "resume_thread", new { thread_id = pending.GetProperty("thread_id").GetString(), approved = true });

        Assert.Equal(0, await server.Close());

        Assert.Equal(["hello", "1", "2"], server.Lines.Select(line => line.GetProperty("id").GetString()));
        Assert.All(server.Lines, line => Assert.Equal("2.0", line.GetProperty("jsonrpc").GetString()));
    }

    /// <summary>The SDK answers a line it cannot parse only when it can make out an id in it; the others it logs.</summary>
    [Fact]
    [Trait("Accepts", "X.3")]
    public async Task Lines_that_are_no_messages_do_not_end_the_server()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database);
        await server.Initialize();

        await server.Send("this is not JSON");
        await server.Send("[]");
        await server.Send("");
        await server.Send([0xFF, 0xFE, 0x80]);
        await server.Send("""{"jsonrpc":"2.0","id":"cut","method":""");
        await server.Send("""{"jsonrpc":"2.0","id":"deep","method":"tools/call","params":{"name":"calculator","arguments":{"message":""" + new string('[', 200) + new string(']', 200) + "}}}");
        await server.Ask("after", "list_agents", new { });

        Assert.Equal(-32700, Code(await server.Answer("cut")));
        Assert.Equal(-32700, Code(await server.Answer("deep")));
        Assert.Equal(0, await server.Close());
        Assert.Equal(["hello", "cut", "deep", "after"], server.Lines.Select(line => line.GetProperty("id").GetString()));
    }

    [Fact]
    [Trait("Accepts", "X.3")]
    public async Task JSON_is_read_64_deep_and_no_deeper()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database);
        await server.Initialize();

        await server.Send(Nested("deep", 64));
        await server.Send(Nested("deeper", 65));

        Assert.Equal("calculator", (await server.Answer("deep")).GetProperty("result").GetProperty("structuredContent").GetProperty("agents")[0].GetProperty("name").GetString());
        Assert.Equal("""{"code":-32700,"message":"Failed to parse the JSON-RPC request."}""",
            (await server.Answer("deeper")).GetProperty("error").GetRawText());
    }

    [Theory]
    [Trait("Accepts", "X.3")]
    // As clients differ: the id comes first, or after all that made the message large.
    [InlineData("""{"jsonrpc":"2.0","id":"long","method":"tools/call","params":{"name":"calculator","arguments":{"message":"TEXT","id":1},"method":[{"id":2}]}}""")]
    [InlineData("""{"method":"tools/call","params":{"name":"calculator","arguments":{"message":"TEXT\\\",\"id\":1}"}, "id":2},"jsonrpc":"2.0", "id" : "long"}""")]
    public async Task A_line_over_the_limit_is_refused_and_the_next_one_answered(string message)
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database, new Dictionary<string, string> { ["max_body"] = "100000" });
        await server.Initialize();
        var most = message.Replace("TEXT", new string('x', 100_000 - message.Length + 4), StringComparison.Ordinal);

        await server.Send(most);
        Assert.True((await server.Answer("long")).TryGetProperty("result", out _));
        await server.Send(most.Replace("long", "longer", StringComparison.Ordinal));
        await server.Send(most.Replace("long", "huge", StringComparison.Ordinal).Replace("xxx", new string('x', 300), StringComparison.Ordinal));
        await server.Ask("after", "list_agents", new { });

        Assert.All(["longer", "huge"], id => Assert.Equal("""{"code":-32600,"message":"The message is larger than 100000 bytes, the most one may have. Nothing was done. (Setting max_body)"}""",
            server.Lines.Single(line => line.GetProperty("id").GetString() == id).GetProperty("error").GetRawText()));
        Assert.Equal(0, await server.Close());
    }

    [Fact]
    [Trait("Accepts", "X.3")]
    public async Task Of_a_line_over_the_limit_that_asks_nothing_nothing_is_said()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database, new Dictionary<string, string> { ["max_body"] = "1024" });
        await server.Initialize();
        var text = new string('x', 2_000);

        // The answer to what the server had asked under this id is none to what the client asks under it.
        await server.Send($$$"""{"jsonrpc":"2.0","id":"after","result":{"text":"{{{text}}}"}}""");
        await server.Send($$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"reason":"{{{text}}}"}}""");
        await server.Send(text);
        await server.Ask("after", "list_agents", new { });

        Assert.Equal(0, await server.Close());
        Assert.Equal(["hello", "after"], server.Lines.Select(line => line.GetProperty("id").GetString()));
    }

    [Fact]
    [Trait("Accepts", "X.3")]
    public async Task Text_that_is_no_unicode_is_replaced_in_bytes_and_refused_in_escapes()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(folder.Database);
        await server.Initialize();

        await server.Send([.. Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":"bytes","method":"tools/call","params":{"name":"calculator","arguments":{"message":"add 1 and 2 """), 0xFF, .. "\"}}}"u8]);
        await server.Send("""{"jsonrpc":"2.0","id":"escape","method":"tools/call","params":{"name":"calculator","arguments":{"message":"\ud800"}}}""");
        await server.Send("""{"jsonrpc":"2.0","id":"list","method":"tools/call","params":{"name":"calculator","arguments":["add 1 and 2"]}}""");

        Assert.Equal("completed", (await server.Answer("bytes")).GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString());
        Assert.Equal("""{"code":-32602,"message":"The arguments hold text that is not valid Unicode: half of a surrogate pair. Send the whole character, or leave it out."}""",
            (await server.Answer("escape")).GetProperty("error").GetRawText());
        Assert.Equal("""{"code":-32602,"message":"The arguments of a tool must be a JSON object."}""", (await server.Answer("list")).GetProperty("error").GetRawText());
        Assert.Equal(1, (await server.Ask("threads", "list_threads", new { })).GetProperty("threads").GetArrayLength());
    }

    /// <summary>A call whose message is so many levels deep.</summary>
    internal static string Nested(string id, int levels) =>
        $$$"""{"jsonrpc":"2.0","id":"{{{id}}}","method":"tools/call","params":{"name":"list_agents","arguments":{},"_meta":{"deep":{{{new string('[', levels - 3)}}}{{{new string(']', levels - 3)}}},"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"} ,"io.modelcontextprotocol/clientCapabilities":{} } } }""";

    private static int Code(JsonElement answer) => answer.GetProperty("error").GetProperty("code").GetInt32();
}
