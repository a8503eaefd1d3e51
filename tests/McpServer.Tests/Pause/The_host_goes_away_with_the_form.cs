using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Pause;

/// <summary>On the wire itself: a client would tidy up behind itself.</summary>
public sealed class The_host_goes_away_with_the_form(SharedServers servers)
{
    private const string Forms = """{"elicitation":{}}""";

    [Fact]
    [Trait("Accepts", "X.2")]
    [Trait("Accepts", "F6.3")]
    public async Task Over_stdio_the_server_ends_at_once_and_the_request_stays_open()
    {
        var key = Guid.NewGuid().ToString();
        await using var server = new RawStdio(servers.DatabaseOf(Transport.Stdio, Ways.Sessions), servers.Settings);
        await server.Initialize(Forms);
        await server.Call("call", "calculator", new { message = "divide 3 by 4", idempotency_key = key });
        var form = await server.Answer("ask-1");

        var exit = await server.Close();

        Assert.Equal((0, "elicitation/create", "form"), (exit, form.GetProperty("method").GetString(), form.GetProperty("params").GetProperty("mode").GetString()));
        Assert.Equal(
            ["""{"method":"notifications/cancelled","params":{"requestId":"ask-1","reason":"The time to answer is over."},"jsonrpc":"2.0"}""", "pending"],
            server.Lines.Skip(2).Select(line => line.TryGetProperty("result", out var result) ? result.GetProperty("structuredContent").GetProperty("status").GetString() : line.GetRawText()));
        await IsOpen(Transport.Stdio, key);
    }

    [Fact]
    [Trait("Accepts", "X.2")]
    [Trait("Accepts", "F6.3")]
    public async Task Over_http_the_request_stays_open()
    {
        var other = await servers.Of(Transport.Http, Ways.Sessions);
        using var client = await RawHttp.Session(other.Url!, Forms);
        var (key, dropped) = (Guid.NewGuid().ToString(), new TaskCompletionSource());
        var call = client.Call(7, "calculator", new { message = "divide 3 by 4", idempotency_key = key }, dropped.Task);
        await other.Do("calculator", new { message = "divide 3 by 4", idempotency_key = key });

        dropped.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await IsOpen(Transport.Http, key);
    }

    private async Task IsOpen(Transport transport, string key)
    {
        var other = await servers.Of(transport, Ways.Sessions);
        var pending = await other.Do("calculator", new { message = "divide 3 by 4", idempotency_key = key });
        Assert.Equal("approval", pending.Kind);
        Assert.Equal("The result is 0.75.", (await other.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true })).Message);
    }
}
