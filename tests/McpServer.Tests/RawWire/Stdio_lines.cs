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

    private static int Code(JsonElement answer) => answer.GetProperty("error").GetProperty("code").GetInt32();
}
