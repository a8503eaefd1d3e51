using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.RawWire;

public sealed class Http_requests(SharedServers servers)
{
    private const string Ping = """{"jsonrpc":"2.0","id":1,"method":"ping"}""";

    [Theory]
    [InlineData("attacker.example", HttpStatusCode.BadRequest)]
    [InlineData("localhost.attacker.example", HttpStatusCode.BadRequest)]
    [InlineData("0.0.0.0", HttpStatusCode.BadRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("LOCALHOST:1234", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:80", HttpStatusCode.OK)]
    [InlineData("[::1]:80", HttpStatusCode.OK)]
    public async Task Only_a_host_that_is_this_machine_is_served(string host, HttpStatusCode expected)
    {
        using var client = await Session();

        using var answer = await client.Post(Ping, change: request => request.Headers.Host = host);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("https://attacker.example", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost.attacker.example", HttpStatusCode.Forbidden)]
    [InlineData("http://attacker.example#localhost", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost:6274", HttpStatusCode.OK)]
    [InlineData("http://127.0.0.1", HttpStatusCode.OK)]
    [InlineData("http://[::1]:9000", HttpStatusCode.OK)]
    public async Task Only_pages_of_this_machine_are_served(string origin, HttpStatusCode expected)
    {
        using var client = await Session();

        using var answer = await client.Post(Ping, change: request => request.Headers.Add("Origin", origin));

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_host_that_can_be_no_name_is_refused_like_any_other()
    {
        var url = (await servers.Of(Transport.Http, Ways.Newest)).Url!;
        using var client = new System.Net.Sockets.TcpClient(url.Host, url.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: no_name..example\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);

        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("The Host 'no_name..example' is not this machine. Use localhost, 127.0.0.1 or [::1].", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Ways.Newest)]
    [InlineData(Ways.Sessions)]
    public async Task A_body_over_the_limit_is_refused_as_too_large(string protocol)
    {
        var url = (await servers.Of(Transport.Http, Ways.Newest)).Url!;
        using var client = protocol == Ways.Newest ? RawHttp.Newest(url) : await RawHttp.Session(url);
        var body = $$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"calculator","arguments":{"message":"{{{{new string('x', 1_048_576)}}}}"}}}""";

        using var announced = await client.Post(body, "tools/call", request =>
        {
            request.Headers.Add("Mcp-Name", "calculator");
            // Else the refusal and the rest of the body pass each other on the way.
            request.Headers.ExpectContinue = true;
        });
        using var chunked = await client.Post(body, "tools/call", request =>
        {
            request.Headers.Add("Mcp-Name", "calculator");
            request.Headers.TransferEncodingChunked = true;
        });

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge), (announced.StatusCode, chunked.StatusCode));
        Assert.Equal("Request body too large. The max request body size is 1048576 bytes.", await announced.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("zz")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_chunk_of_no_size_is_refused_as_a_bad_request(string size)
    {
        var url = (await servers.Of(Transport.Http, Ways.Newest)).Url!;
        using var socket = new TcpClient();
        await socket.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{size}\r\nabc\r\n"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 400 Bad Request", answer, StringComparison.Ordinal);
        Assert.Contains("Bad chunk size data.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_message_is_refused_and_the_server_goes_on()
    {
        using var client = await Session();

        using var text = await client.Post("this is not JSON");
        using var batch = await client.Post($"[{Ping}]");
        using var wrongType = await client.Post(Ping, change: request => request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain"));
        using var wrongAccept = await client.Post(Ping, change: request => request.Headers.Accept.Clear());
        using var after = await client.Post(Ping);

        Assert.Equal(
            [HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.NotAcceptable, HttpStatusCode.OK],
            new[] { text, batch, wrongType, wrongAccept, after }.Select(answer => answer.StatusCode));
    }

    [Fact]
    public async Task The_newest_protocol_has_no_sessions_to_open_or_delete_and_names_its_calls_in_headers()
    {
        var url = (await servers.Of(Transport.Http, Ways.Newest)).Url!;
        using var client = RawHttp.Newest(url);

        using var get = await client.Send(HttpMethod.Get);
        using var delete = await client.Send(HttpMethod.Delete);
        using var unnamed = await client.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}""");
        using var unknown = await client.Post("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}""", change: request =>
        {
            request.Headers.Remove("MCP-Protocol-Version");
            request.Headers.Add("MCP-Protocol-Version", "1999-01-01");
        });
        var called = await client.Call(1, "calculator", new { message = "add 1 and 2" });

        Assert.Equal([HttpStatusCode.MethodNotAllowed, HttpStatusCode.MethodNotAllowed, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest],
            new[] { get, delete, unnamed, unknown }.Select(answer => answer.StatusCode));
        Assert.Equal("completed", called.GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_deleted_session_is_gone_and_its_threads_are_not()
    {
        using var client = await Session();
        var pending = await client.Call(2, "calculator", new { message = "divide 3 by 4" });

        using var deleted = await client.Send(HttpMethod.Delete);
        using var gone = await client.Post(Ping);
        using var next = await Session();
        var done = await next.Call(2, "resume_thread", new { thread_id = Thread(pending).GetProperty("thread_id").GetString(), approved = true });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (deleted.StatusCode, gone.StatusCode));
        Assert.Equal("completed", Thread(done).GetProperty("status").GetString());
    }

    private static System.Text.Json.JsonElement Thread(System.Text.Json.JsonElement message) => message.GetProperty("result").GetProperty("structuredContent");

    private async Task<RawHttp> Session() => await RawHttp.Session((await servers.Of(Transport.Http, Ways.Sessions)).Url!);
}
