using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Servers;

/// <summary>The file of an agent no longer lists a tool of another server, or is gone, while a thread of it waits.</summary>
public sealed class Tools_that_are_listed_no_more
{
    private const string Book = """{"intent":"far.book","item":"tea"}""";
    private const string Ask = """{"intent":"request_more_information","message":"Which?"}""";

    private FarServer _far = new();

    public static TheoryData<bool> WhetherItsAgentIsThere => [true, false];

    [Theory]
    [Trait("Accepts", "R.11")]
    [Trait("Accepts", "D.6")]
    [MemberData(nameof(WhetherItsAgentIsThere))]
    public async Task What_was_asked_before_is_answered_all_the_same(bool isThere)
    {
        await using var bench = await Edited(isThere, Book);

        var log = await bench.Bench.Answer(bench.Log, response: "large");

        Assert.Equal(["answered: \"large\"", "tool started: call_2, attempt 1", "tool returned: call_2 \"tea large\""], Told.Of(log).Skip(4).Take(3));
    }

    [Theory]
    [Trait("Accepts", "R.11")]
    [Trait("Accepts", "D.6")]
    [MemberData(nameof(WhetherItsAgentIsThere))]
    public async Task What_is_settled_at_the_other_end_is_seen(bool isThere)
    {
        await using var bench = await Edited(isThere, Book);
        _far.IsSettled = true;
        bench.Bench.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, await bench.Bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken));

        Assert.Equal("\"tea as it was settled there\"", (await bench.Bench.Settle(bench.Log.Thread.Id)).Events.OfType<ToolReturned>().Single().Result.Text);
    }

    [Theory]
    [Trait("Accepts", "D.5")]
    [MemberData(nameof(WhetherItsAgentIsThere))]
    public async Task What_is_cancelled_is_ended_at_the_other_end(bool isThere)
    {
        await using var bench = await Edited(isThere, Book);

        await bench.Bench.Host.Cancel(bench.Log.Thread.Id, AgentBench.Me, "enough");
        await bench.Bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken);

        Assert.Equal(["tea at tea"], _far.Ended);
    }

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(Route.Run)]
    // Nobody is asked for leave to do what is not done.
    [InlineData(Route.Approve)]
    public async Task A_call_that_was_not_begun_is_refused(Route route)
    {
        _far = new() { Route = route };
        await using var bench = await Edited(true, Ask, Book, Ask);

        var log = await bench.Bench.Answer(await bench.Bench.Answer(bench.Log, response: "go on"), response: "pin");

        Told.Ends(log, """chosen: far.book {"item":"tea"}""", "tool started: call_7, attempt 1",
            "tool failed: call_7 far.book is no longer a tool of clerk; choose another one or ask",
            """chosen: request_more_information {"message":"Which?"}""", "question: Which?");
    }

    [Theory]
    [Trait("Accepts", "F4.3")]
    [Trait("Accepts", "R.11")]
    [MemberData(nameof(WhetherItsAgentIsThere))]
    public async Task What_only_trust_let_run_is_asked_about_before_it_is_tried_again(bool isThere)
    {
        var (begun, sent) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        var first = new AgentBench(FarServer.Clerk, new ScriptedModel(Book));
        first.Host.Catalog.Servers = new FarServer
        {
            Begins = async (_, cancellation) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
                throw new InvalidOperationException();
            },
        };
        var id = await first.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await begun.Task;
        await using var bench = await first.Restart(agent: isThere ? TestAgents.Clerk() : TestAgents.Calculator);
        bench.Host.Catalog.Servers = new FarServer
        {
            Route = Route.Approve,
            Begins = (_, _) =>
            {
                sent++;
                return Task.FromResult<ToolOutcome>(new ToolOutcome.Returned(JsonText.Of("booked")));
            },
        };

        var log = await bench.Recover(id);
        Told.Is(log, """started: {"message":"x"}""", """chosen: far.book {"item":"tea"}""", "tool started: call_2, attempt 1", "approval: Run far.book with item tea?");
        Assert.Equal(0, sent);

        log = await bench.Answer(log, approved: true);
        Assert.Equal(["answered: yes", "tool started: call_2, attempt 2", "tool returned: call_2 \"booked\""], Told.Of(log).Skip(4).Take(3));
        Assert.Equal(1, sent);
    }

    private async Task<Case> Edited(bool isThere, params string[] steps)
    {
        var first = new AgentBench(FarServer.Clerk, new ScriptedModel(steps));
        first.Host.Catalog.Servers = _far;
        var log = await first.Start("x");
        var bench = await first.Restart(agent: isThere ? TestAgents.Clerk() : TestAgents.Calculator);
        bench.Host.Catalog.Servers = _far;
        return new(bench, log);
    }

    private sealed record Case(AgentBench Bench, ThreadLog Log) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Bench.DisposeAsync();
    }
}
