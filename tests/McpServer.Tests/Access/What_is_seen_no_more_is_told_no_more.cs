using System.Net.ServerSentEvents;
using System.Text.Json;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Inbox;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Access;

/// <summary>An approver sees a thread for what it asks, and no longer once somebody else has answered: also where it began to read before.</summary>
public sealed class What_is_seen_no_more_is_told_no_more
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly string[] Asked = ["thread_started", "step_chosen", "request_opened"];
    private static readonly string[] Answered = ["request_answered", "tool_started", "tool_returned", "step_chosen", "thread_completed", "end"];

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task A_stream_of_events_ends_for_all_but_those_who_still_see_the_thread()
    {
        await using var server = await GuardedServer.Start();
        foreach (var (name, roles) in new[] { ("ana", "run"), ("app", "approve"), ("mia", "approve"), ("rea", "read") })
        {
            await server.Key(name, roles);
        }

        var thread = (await server.Asking("ana")).Thread.Id;
        Dictionary<string, IAsyncEnumerator<SseItem<string>>> streams = [];
        foreach (var name in new[] { "ana", "app", "mia", "rea" })
        {
            streams[name] = await Follow(server.As(name), thread);
            Assert.Equal(Asked, await Next(streams[name], 3));
        }

        Assert.StartsWith("200 ", await GuardedServer.Say(server.As("mia"), "POST", $"/api/v1/threads/{thread}/answer", """{"approved":true}"""), StringComparison.Ordinal);

        Assert.Equal([], await Next(streams["app"], int.MaxValue));
        Assert.StartsWith("404 ", await GuardedServer.Say(server.As("app"), "GET", $"/api/v1/threads/{thread}/events"), StringComparison.Ordinal);
        foreach (var name in new[] { "ana", "mia", "rea" })
        {
            Assert.Equal(Answered, await Next(streams[name], int.MaxValue));
        }
    }

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task A_call_that_waits_says_what_is_said_of_a_thread_that_is_not_there()
    {
        using var folder = new TestFolder();
        using var core = new Core(Settings.Load(new Dictionary<string, string?> { ["db"] = folder.Database, ["model"] = "rules" }), NullLoggerFactory.Instance);
        using var owner = new Owner(core.Database);
        using var store = new ThreadStore(core.Database, owner);
        // A workflow asks, and is at work: whoever looks has something to wait for.
        var log = ThreadLog.Of(ThreadId.New(Nine),
        [
            new ThreadStarted(Nine, "calculator", "sha256:none", JsonText.Parse("{}"), "ana", "http", "message_received", Workflow: "1"),
            new StepChosen(Nine, "divide", JsonText.Parse("{}"), "rules"), new StepChosen(Nine, "divide", JsonText.Parse("{}"), "rules"),
            new RequestOpened(Nine, RequestKind.Question, "Which?", Call: new(2)),
        ]);
        await store.Start(log, idempotencyKey: null, takeLease: false);
        var calls = new WaitingCalls(core);
        var (app, mia, ana) = (Wait("app", Roles.Approve), Wait("mia", Roles.Approve), Wait("ana", Roles.Run));

        await store.Append(log, [new RequestAnswered(Nine, new(4), "mia", "http", Response: JsonText.Parse("\"this\"")), new ThreadCancelled(Nine, "ana", "http")]);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => app);
        Assert.Equal((RefusalCode.ThreadNotFound, ThreadStore.NotFound(log.Thread.Id).Message), (refused.Code, refused.Message));
        Assert.Equal((6, 6), ((await mia).Thread.Version, (await ana).Thread.Version));

        Task<ThreadLog> Wait(string name, Roles roles)
        {
            var who = new Principal(name, roles);
            return calls.For(log.Thread.Id, core.Access.OwnerOf(log.Thread.Id, who), who, 30, null, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task Whoever_answers_below_a_thread_is_shown_what_became_of_that_and_not_how_the_thread_goes_on()
    {
        using var folder = new TestFolder();
        await using var server = await WithOuter(folder);
        await server.Key("app", "approve");
        await server.Key("all", "approve,read");
        await using var app = await server.Mcp("app");

        var (outer, inner) = await Called(server);
        Assert.Equal($"completed {inner}", Shown((await GuardedServer.Say(server.As("app"), "POST", $"/api/v1/threads/{outer}/answer", """{"approved":true}"""))[4..]));
        Assert.StartsWith("404 ", await GuardedServer.Say(server.As("app"), "GET", $"/api/v1/threads/{outer}"), StringComparison.Ordinal);

        (outer, inner) = await Called(server);
        var resumed = await app.CallToolAsync("resume_thread", new Dictionary<string, object?> { ["thread_id"] = outer.Value, ["approved"] = true }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal($"completed {inner}", Shown(resumed.StructuredContent!.Value.GetRawText()));

        (outer, _) = await Called(server);
        Assert.Equal($"pending {outer}", Shown((await GuardedServer.Say(server.As("all"), "POST", $"/api/v1/threads/{outer}/answer", """{"approved":true}"""))[4..]));
    }

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task Nor_does_the_page_of_what_it_has_answered_name_the_caller_any_more()
    {
        using var folder = new TestFolder();
        await using var server = await WithOuter(folder);
        using var dave = await Visitor.WithKey(server.Url, await server.Key("dave", "approve"));
        var (outer, inner) = await Called(server);
        var request = $"/requests/{server.Core.Host.Get(inner, "ana").Thread.OpenRequests[0].Id.In(inner)}";
        Assert.Equal([$"/threads/{outer} outer", $"/threads/{inner} calculator"], A_run_of_three.ChainOn(await dave.Page(request)));

        Assert.StartsWith("200 ", await GuardedServer.Say(server.As("dave"), "POST", $"/api/v1/threads/{outer}/answer", """{"approved":true}"""), StringComparison.Ordinal);

        var page = await dave.Page(request);
        Assert.Equal([$"/threads/{inner} calculator"], A_run_of_three.ChainOn(page));
        Assert.DoesNotContain(outer.Value, page, StringComparison.Ordinal);
    }

    private static string Shown(string json) => JsonElement.Parse(json) is var thread ? $"{thread.GetProperty("status").GetString()} {thread.GetProperty("thread_id").GetString()}" : "";

    private static async Task<GuardedServer> WithOuter(TestFolder folder)
    {
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "outer.agent.md"),
            "---\nname: outer\ndescription: An agent of the tests.\nmodel: caller\ntools: [calculator]\n---\nYou are {{agent}}.\n", TestContext.Current.CancellationToken);
        return await GuardedServer.Start(("agents", folder.Path));
    }

    /// <summary>A thread of ana's, whose steps she chooses, and the one it has called, which asks.</summary>
    private static async Task<(ThreadId Outer, ThreadId Inner)> Called(GuardedServer server)
    {
        var outer = (await server.Settled("ana", "outer", JsonText.Parse("""{"message":"go"}"""))).Thread.Id;
        await server.Core.Host.Answer(outer, new("ana", "http"), null, null, JsonText.Parse("""{"intent":"calculator","message":"divide 3 by 4"}"""), null);
        var waits = await server.Core.Host.Wait(outer, "ana", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return (outer, waits.Thread.Children.Single());
    }

    private static async Task<IAsyncEnumerator<SseItem<string>>> Follow(HttpClient client, ThreadId thread)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/threads/{thread}/events");
        request.Headers.Accept.ParseAdd("text/event-stream");
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return SseParser.Create(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).EnumerateAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    private static async Task<List<string>> Next(IAsyncEnumerator<SseItem<string>> stream, int count)
    {
        List<string> types = [];
        while (types.Count < count && await stream.MoveNextAsync())
        {
            types.Add(stream.Current.EventType);
        }

        return types;
    }
}
