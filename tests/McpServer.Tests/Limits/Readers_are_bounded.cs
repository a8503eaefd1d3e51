using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Inbox;

namespace AgentMcp.Server.Tests.Limits;

/// <summary>Each reader of a stream holds a connection: there are 200 places, and whoever leaves one makes room.</summary>
public sealed class Readers_are_bounded
{
    private const int Most = 200;

    [Fact]
    public async Task Of_the_events_of_threads()
    {
        await using var server = await GuardedServer.Start();
        await server.Key("ana", "run");
        var thread = (await server.Asking("ana")).Thread.Id;
        var client = server.As("ana");

        await Fill(Follow, async refused =>
        {
            var problem = JsonElement.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Equal(("busy", "200 readers follow threads already. Read the events without a stream, or try again later."),
                (problem.GetProperty("code").GetString(), problem.GetProperty("detail").GetString()));
            // As it is told.
            Assert.StartsWith("200 ", await GuardedServer.Say(client, "GET", $"/api/v1/threads/{thread}/events"), StringComparison.Ordinal);
        });

        Task<HttpResponseMessage> Follow() => client.SendAsync(new(HttpMethod.Get, $"/api/v1/threads/{thread}/events") { Headers = { { "Accept", "text/event-stream" } } },
            HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Of_what_moves_on_pages()
    {
        await using var server = await GuardedServer.Start();
        using var browser = await Visitor.WithKey(server.Url, await server.Key("ana", "run"));

        await Fill(() => browser.Get("/live"), async _ => await browser.Page("/"));
    }

    private static async Task Fill(Func<Task<HttpResponseMessage>> follow, Func<HttpResponseMessage, Task> look)
    {
        List<HttpResponseMessage> streams = [];
        for (var i = 0; i < Most; i++)
        {
            streams.Add(await follow());
        }

        using (var refused = await follow())
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (refused.StatusCode, refused.Headers.RetryAfter?.ToString()));
            await look(refused);
        }

        Assert.All(streams, stream => Assert.Equal(HttpStatusCode.OK, stream.StatusCode));
        streams[0].Dispose();
        // The server learns a moment later that one has left.
        HttpStatusCode status;
        var waited = Stopwatch.StartNew();
        do
        {
            Assert.True(waited.Elapsed < Bench.Patience, "The place of the one that left is not given up.");
            using var next = await follow();
            status = next.StatusCode;
        }
        while (status == HttpStatusCode.ServiceUnavailable);

        Assert.Equal(HttpStatusCode.OK, status);
        streams.ForEach(stream => stream.Dispose());
    }
}
