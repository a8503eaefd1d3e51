using System.Net;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Client;

namespace AgentMcp.Server.Tests.Access;

public sealed class Only_known_principals_come_in
{
    [Theory]
    [InlineData("/mcp")]
    [InlineData("/api/v1/threads")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/nothing/at/all")]
    public async Task Whoever_shows_no_key_or_a_wrong_one_gets_nowhere_and_is_told_how(string path)
    {
        await using var server = await GuardedServer.Start();
        var key = await server.Key("ana", "run,read,approve,admin");
        await server.Key("ben", "run", holds: TimeSpan.FromMilliseconds(1));
        await server.Key("cora", "run");
        await server.Revoke("cora");

        Assert.Equal("""401 {"type":"about:blank","title":"Unauthorized","status":401,"detail":"This server has to know who you are. Send the header Authorization: Bearer KEY.","code":"unauthorized"}""",
            await GuardedServer.Say(server.As(null), "GET", path));
        foreach (var shown in new[] { "ben", "cora", "amk_", key + "x", key[..^1], "amk_000000000000" + key[16..], key[..^1] + (key[^1] == 'A' ? 'B' : 'A'), "x" })
        {
            Assert.StartsWith("""401 {"type":"about:blank","title":"Unauthorized","status":401,"detail":"That key is not one of this server, has expired, or was revoked.""",
                await GuardedServer.Say(server.As(shown), "GET", path), StringComparison.Ordinal);
        }

        using var ana = await server.As("ana").GetAsync(path, TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.Unauthorized, ana.StatusCode);
    }

    [Theory]
    [InlineData("401 Bearer unauthorized", "Basic bWlhOnNlY3JldA==")]
    [InlineData("401 Bearer unauthorized", "Basic")]
    [InlineData("401 Bearer unauthorized", "Bearerish KEY")]
    [InlineData("401 Bearer unauthorized", "KEY")]
    [InlineData("401 Bearer error=\"invalid_token\" unauthorized", "Bearer KEYx")]
    [InlineData("400 Bearer error=\"invalid_request\" invalid_input", "Bearer")]
    [InlineData("400 Bearer error=\"invalid_request\" invalid_input", "bearer ")]
    [InlineData("400 Bearer error=\"invalid_request\" invalid_input", "Bearer KEY", "Bearer KEY")]
    [InlineData("200  ", "bearer  KEY")]
    public async Task Only_what_is_a_bearer_and_not_well_formed_is_a_bad_request(string said, params string[] shown)
    {
        await using var server = await GuardedServer.Start();
        var key = await server.Key("ana", "run");
        // A client of .NET makes one header of several.
        var lines = string.Concat(shown.Select(one => $"Authorization: {one.Replace("KEY", key, StringComparison.Ordinal)}\r\n"));
        using var socket = new System.Net.Sockets.TcpClient(server.Url.Host, server.Url.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"GET /api/v1/threads HTTP/1.1\r\nHost: {server.Url.Authority}\r\n{lines}Connection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(said, $"{answer.Split(' ')[1]} {Among(answer, "WWW-Authenticate: ([^\r]*)")} {Among(answer, "\"code\":\"(\\w+)\"")}");

        static string Among(string text, string pattern) => System.Text.RegularExpressions.Regex.Match(text, pattern).Groups[1].Value;
    }

    [Fact]
    public async Task Threads_and_answers_bear_the_name_of_the_key()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("ana", "run");
        await using var client = await server.Mcp("ana");
        var asked = await client.CallToolAsync("calculator", new Dictionary<string, object?> { ["message"] = "divide 3 by 4" }, cancellationToken: TestContext.Current.CancellationToken);
        var thread = asked.StructuredContent!.Value.GetProperty("thread_id").GetString();

        await client.CallToolAsync("resume_thread", new Dictionary<string, object?> { ["thread_id"] = thread, ["approved"] = true }, cancellationToken: TestContext.Current.CancellationToken);

        var log = server.Core.Host.Get(State.Threads.ThreadId.Parse(thread!), "ana");
        Assert.Equal(("ana", "ana"), (log.Thread.Start.Principal, log.Thread.Answers.Values.Single().By));
    }

    [Theory]
    [InlineData(Ways.Newest)]
    [InlineData(Ways.Sessions)]
    public async Task A_key_that_is_revoked_is_refused_at_once_and_what_is_open_is_cut_off(string protocol)
    {
        await using var server = await GuardedServer.Start(("wait", "60"));
        await server.Key("ana", "run");
        var thread = (await server.Asking("ana")).Thread.Id;
        await using var client = await server.Mcp("ana", protocol);
        using var stream = await server.As("ana").SendAsync(new(HttpMethod.Get, $"/api/v1/threads/{thread}/events") { Headers = { { "Accept", "text/event-stream" } } },
            HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        await server.Revoke("ana");

        await Assert.ThrowsAnyAsync<HttpRequestException>(async () => await client.CallToolAsync("list_threads", cancellationToken: TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            var buffer = new byte[1024];
            while (await body.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
                // What was sent before is still read; then the connection breaks.
            }

            throw new InvalidOperationException("The stream ended as if all had been told.");
        });
        Assert.Equal(State.Threads.ThreadStatus.Pending, server.Core.Host.Get(thread, "ana").Thread.Status);
    }

    [Fact]
    public async Task A_session_is_good_for_the_key_that_began_it_only()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("ana", "run");
        await server.Key("ben", "run");
        await using var client = await server.Mcp("ana", Ways.Sessions);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent("""{"jsonrpc":"2.0","id":9,"method":"tools/list"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("Mcp-Session-Id", client.SessionId);
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");

        using var answer = await server.As("ben").SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
