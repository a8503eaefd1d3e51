using System.Diagnostics;
using System.Net;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace AgentMcp.Server.Tests.Limits;

/// <summary>Ana is over a limit; ben is served as if he were alone, up to his own.</summary>
public sealed class A_limit_is_each_principals_own
{
    [Fact]
    public async Task Of_open_threads()
    {
        await using var server = await Server(("max_threads", "1"));

        Assert.StartsWith("201 ", await Start("ana"), StringComparison.Ordinal);
        Assert.Equal(Refused("ana"), await Start("ana"));
        Assert.StartsWith("201 ", await Start("ben"), StringComparison.Ordinal);
        Assert.Equal(Refused("ben"), await Start("ben"));

        Task<string> Start(string name) => GuardedServer.Say(server.As(name), "POST", "/api/v1/threads", """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""");

        static string Refused(string name) =>
            $$"""429 {"type":"about:blank","title":"Too Many Requests","status":429,"detail":"{{name}} has 1 threads that run or wait, the most one may have; nothing was started. Answer or cancel some first: list_threads with status pending shows them. (Setting max_threads)","code":"limit_reached"}""";
    }

    [Fact]
    public async Task Of_requests_in_a_minute()
    {
        await using var server = await Server(("max_calls", "5"));
        var (ana, ben) = (server.As("ana"), server.As("ben"));
        string said;
        var waited = Stopwatch.StartNew();
        do
        {
            Assert.True(waited.Elapsed < Bench.Patience, "All requests are taken.");
            said = await Agents(ana);
        }
        while (said.StartsWith("200 ", StringComparison.Ordinal));

        Assert.StartsWith("""429 {"type":"about:blank","title":"Too Many Requests","status":429,"detail":"At most 5 requests a minute are taken from one principal.""", said, StringComparison.Ordinal);
        Assert.StartsWith("200 ", await Agents(ben), StringComparison.Ordinal);
        // Nobody in particular is one more.
        Assert.StartsWith("200 ", await GuardedServer.Say(server.As(null), "GET", "/sign-in"), StringComparison.Ordinal);

        static Task<string> Agents(HttpClient client) => GuardedServer.Say(client, "GET", "/api/v1/agents");
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData("x.y.z")]
    [InlineData(null)]
    public async Task Of_requests_in_a_minute_that_are_refused(string? shown)
    {
        await using var issuer = await TokenIssuer.Start();
        await using var server = await Server(("max_calls", "5"), ("auth", "keys,oidc"), ("oidc_authority", issuer.Url), ("oidc_audience", "us"));
        using var stranger = server.As(shown);
        var answer = await Again();
        var refused = 0;
        for (; refused < 20 && answer.StatusCode == HttpStatusCode.Unauthorized; refused++)
        {
            answer = await Again();
        }

        // One more may have come in meanwhile.
        Assert.InRange(refused, 5, 7);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 12);
        Assert.StartsWith("""{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"At most 5 requests a minute are taken from one principal.""",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // Neither who is known nor who needs not be has been counted with it, nor is held up by it.
        for (var i = 0; i < 5; i++)
        {
            Assert.StartsWith("200 ", await GuardedServer.Say(server.As("ben"), "GET", "/api/v1/agents"), StringComparison.Ordinal);
            Assert.StartsWith("200 ", await GuardedServer.Say(server.As(null), "GET", "/sign-in"), StringComparison.Ordinal);
        }

        Task<HttpResponseMessage> Again() => stranger.GetAsync("/api/v1/agents", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Of_subscriptions()
    {
        await using var server = await Server(("max_subscriptions", "1"));
        await using var ana = await server.Mcp("ana", Ways.Sessions);
        await using var anas = await server.Mcp("ana", Ways.Sessions);
        await using var ben = await server.Mcp("ben", Ways.Sessions);
        await using var bens = await server.Mcp("ben", Ways.Sessions);

        await Subscribe(ana, "ana");
        Assert.Equal(Refused("ana"), await Assert.ThrowsAsync<McpProtocolException>(() => Subscribe(anas, "ana")) is var first ? (first.ErrorCode, first.Message) : default);
        await Subscribe(ben, "ben");
        Assert.Equal(Refused("ben"), await Assert.ThrowsAsync<McpProtocolException>(() => Subscribe(bens, "ben")) is var second ? (second.ErrorCode, second.Message) : default);

        async Task Subscribe(McpClient client, string owner) =>
            await client.SubscribeToResourceAsync($"thread://{(await server.Asking(owner)).Thread.Id}", cancellationToken: TestContext.Current.CancellationToken);

        static (McpErrorCode, string) Refused(string name) =>
            (McpErrorCode.InvalidRequest, $"Request failed (remote): {name} has 1 subscriptions, the most one may have; end one first. (Setting max_subscriptions)");
    }

    private static async Task<GuardedServer> Server(params (string Name, string Value)[] settings)
    {
        var server = await GuardedServer.Start(settings);
        await server.Key("ana", "run");
        await server.Key("ben", "run");
        return server;
    }
}
