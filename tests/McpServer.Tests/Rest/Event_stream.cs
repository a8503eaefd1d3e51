using AgentMcp.Server.Hosting;
using AgentMcp.Server.Rest;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Event_stream(SharedServers servers)
{
    private const string Divide = """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""";

    private static readonly string[] Asked =
    [
        """1 thread_started {"type":"thread_started","agent":"calculator","definition":"HASH","input":{"message":"divide 3 by 4"},"principal":"local","channel":"rest","trigger":"message_received","depth":0,"at":"TIME"}""",
        """2 step_chosen {"type":"step_chosen","intent":"divide","arguments":{"a":3,"b":4},"model":"rules","at":"TIME"}""",
        """3 request_opened {"type":"request_opened","kind":"approval","question":"Run divide with a 3, b 4?","action":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"HASH"},"answerable_by":"caller","at":"TIME"}""",
    ];

    private static readonly string[] Answered =
    [
        """4 request_answered {"type":"request_answered","request":3,"by":"local","channel":"rest","approved":true,"at":"TIME"}""",
        """5 tool_started {"type":"tool_started","call":2,"attempt":1,"at":"TIME"}""",
        """6 tool_returned {"type":"tool_returned","call":2,"result":0.75,"at":"TIME"}""",
        """7 step_chosen {"type":"step_chosen","intent":"done_for_now","arguments":{"message":"The result is 0.75."},"model":"rules","at":"TIME"}""",
        """8 thread_completed {"type":"thread_completed","output":{"message":"The result is 0.75."},"at":"TIME"}""",
        """ end {"status":"completed"}""",
    ];

    [Fact]
    public async Task Sends_what_was_and_then_what_happens_until_the_thread_ends()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", Divide);
        using var stream = await EventReading.Open(rest, "/threads/thr_A/events");

        Assert.Equal(Asked, await stream.Next(3));
        await rest.Post("/function_calls/req_A_3/respond", """{"approved":true}""");

        Assert.Equal(Answered, await stream.Rest());
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    public async Task Hears_of_what_another_process_appends()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", Divide);
        using var stream = await EventReading.Open(rest, "/threads/thr_A/events?after=3");
        await using var stdio = await servers.Beside(Transport.Http, Ways.Newest, Transport.Stdio);

        await stdio.Do("resume_thread", new { thread_id = rest.Real("thr_A"), approved = true });

        Assert.Equal([Answered[0].Replace("rest", "stdio", StringComparison.Ordinal), .. Answered[1..]], await stream.Rest());
    }

    [Fact]
    public async Task Goes_on_after_a_restart_where_the_reader_was()
    {
        using var folder = new TestFolder();
        string thread;
        await using (var first = await RunningServer.Start(Transport.Http, folder.Database))
        {
            using var rest = new RestClient(first.Url!, folder.Database);
            await rest.Post("/threads", Divide);
            thread = rest.Real("thr_A");
            using var stream = await EventReading.Open(rest, "/threads/thr_A/events");
            Assert.Equal(Asked, await stream.Next(3));
            await first.Kill();
        }

        await using var second = await RunningServer.Start(Transport.Http, folder.Database);
        using var again = new RestClient(second.Url!, folder.Database);
        using var resumed = await EventReading.Open(again, $"/threads/{thread}/events", lastEventId: "2");
        Assert.Equal(Asked[2..], await resumed.Next(1));
        await again.Post($"/threads/{thread}/answer", """{"approved":true}""");
        Assert.Equal(Answered, await resumed.Rest());

        // Whoever has read the end is told not to come back.
        using var over = await again.Send(HttpMethod.Get, $"/threads/{thread}/events", change: request => EventReading.Ask(request, "8"));
        Assert.Equal(204, (int)over.StatusCode);
    }

    [Fact]
    public async Task Ends_with_the_thread_also_for_a_reader_that_says_it_has_read_more()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", Divide);
        using var stream = await EventReading.Open(rest, "/threads/thr_A/events", lastEventId: "100");

        await rest.Post("/function_calls/req_A_3/respond", """{"approved":true}""");

        Assert.Equal([Answered[^1]], await stream.Rest().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Shows_such_a_reader_that_the_server_is_there()
    {
        using var folder = new TestFolder();
        var clock = new FakeTimeProvider();
        using var core = new Core(Settings.Load(new Dictionary<string, string?> { ["db"] = folder.Database, ["model"] = "rules" }), NullLoggerFactory.Instance);
        var thread = await core.Host.Start("calculator", JsonText.Parse("""{"message":"divide 3 by 4"}"""), new("local", "rest"));
        await core.Host.Wait(thread, "local", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        using var movement = new Movement(core, thread, clock);

        var moved = movement.Wait(100, TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        while (!moved.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.False(await moved);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    public async Task Is_not_there_for_a_thread_that_another_process_has_purged(string accept)
    {
        await using var server = await GuardedServer.Start();
        await server.Key("ana", "run");
        var thread = (await server.Settled("ana", "calculator", JsonText.Parse("""{"message":"add 1 and 2"}"""))).Thread.Id;
        var client = server.As("ana");
        client.DefaultRequestHeaders.Accept.ParseAdd(accept);
        Assert.StartsWith("200 ", await GuardedServer.Say(client, "GET", $"/api/v1/threads/{thread}"), StringComparison.Ordinal);
        using (var elsewhere = Database.Open(server.Database))
        {
            Assert.NotNull(new Purges(elsewhere).Run(DateTimeOffset.UtcNow.AddDays(1), "local", DateTimeOffset.UtcNow));
        }

        Assert.StartsWith("404 ", await GuardedServer.Say(client, "GET", $"/api/v1/threads/{thread}/events"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ends_when_the_server_stops_and_does_not_hold_it_up()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        using var rest = new RestClient(server.Url!, folder.Database);
        await rest.Post("/threads", Divide);
        using var stream = await EventReading.Open(rest, "/threads/thr_A/events?after=3");

        Assert.Equal(0, await server.Terminate());

        Assert.Equal([], await stream.Rest());
    }

    [Fact]
    [Trait("Accepts", "R.7")]
    public async Task Text_that_looks_like_an_event_stays_text()
    {
        using var rest = await RestClient.Of(servers);
        await rest.Post("/threads", """{"agent":"puppet","input":{"message":"a\n\nid: 99\nevent: end\ndata: {}\r\n\r\n\u2028"}}""");
        await rest.Post("/threads/thr_A/cancel");
        using var stream = await EventReading.Open(rest, "/threads/thr_A/events");

        var events = await stream.Rest();

        Assert.Equal(["1 thread_started", "2 request_opened", "3 thread_cancelled", " end"], events.Select(text => text[..text.IndexOf(" {", StringComparison.Ordinal)]));
        Assert.Contains("""
            "input":{"message":"a\n\nid: 99\nevent: end\ndata: {}\r\n\r\n\u2028"}
            """, events[0], StringComparison.Ordinal);
    }
}
