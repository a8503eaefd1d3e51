using System.Collections.Concurrent;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

public sealed class A_workflow_uses_tools_of_other_servers
{
    public sealed record Order(string Item);

    private static readonly Microagent Shop = Workflow.With(Workflow.Of<Order, string>("shop", "Reserves one thing.", "1", async (run, order) =>
    {
        try
        {
            return (await run.Tool("stock.reserve", new { item = order.Item })).Text;
        }
        catch (StepFailedException e)
        {
            return e.Reason;
        }
    }) with
    { Output = JsonText.Parse("""{"type":"string"}""") }, "stock.*");

    [Fact]
    [Trait("Accepts", "F8.2")]
    [Trait("Accepts", "D.6")]
    public async Task The_gate_is_asked_first_and_what_the_tool_asks_is_passed_on_across_a_restart()
    {
        var stock = new Stock();
        var bench = Bench(stock);
        var log = await bench.Start(JsonText.Parse("""{"item":"tea"}"""));
        Assert.Empty(stock.Calls);
        log = await bench.Answer(log, approved: true);

        bench = await bench.Restart(new ScriptedModel());
        bench.Host.Catalog.Servers = stock;
        log = await bench.Answer(log, response: "two");

        Told.Is(log,
            """started: {"item":"tea"}""",
            """chosen: stock.reserve {"item":"tea"}""", "approval: Run stock.reserve with item tea?", "parked", "answered: yes",
            "tool started: call_2, attempt 1", "question: How many?", "parked", "answered: \"two\"",
            "tool started: call_2, attempt 1", """tool returned: call_2 {"reserved":"two tea"}""",
            """completed: "{\"reserved\":\"two tea\"}" """.TrimEnd());
        Assert.Equal(["tea call_2", "tea call_2 two"], stock.Calls);
        await bench.DisposeAsync();
    }

    [Fact]
    [Trait("Accepts", "F8.2")]
    public async Task What_was_settled_at_the_other_end_is_looked_after_and_the_workflow_goes_on()
    {
        var stock = new Stock();
        await using var bench = Bench(stock);
        var log = await bench.Answer(await bench.Start(JsonText.Parse("""{"item":"tea"}""")), approved: true);
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken));

        stock.Settled = "three";
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken));

        Assert.Equal("""completed: "{\"reserved\":\"three tea\"}" """.TrimEnd(), $"completed: {((State.Threads.ThreadState.Completed)(await bench.Settle(log.Thread.Id)).Thread.State).Output}");
    }

    [Fact]
    [Trait("Accepts", "F8.3")]
    public async Task What_is_not_approved_is_a_failure_that_says_so_and_runs_nothing()
    {
        var stock = new Stock();
        await using var bench = Bench(stock);
        var log = await bench.Start(JsonText.Parse("""{"item":"tea"}"""));

        log = await bench.Answer(log, approved: false, comment: "coffee instead");

        Told.Ends(log, "answered: no (coffee instead)", "completed: \"it was not approved: coffee instead\"");
        Assert.Empty(stock.Calls);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task What_cannot_tell_what_became_of_it_and_does_no_harm_is_begun_again()
    {
        var stock = new Stock { Settled = "three", Losses = 1 };
        await using var bench = Bench(stock);

        var log = await bench.Answer(await bench.Start(JsonText.Parse("""{"item":"tea"}""")), approved: true);

        Told.Ends(log, "answered: yes", "tool started: call_2, attempt 1", "tool started: call_2, attempt 2",
            """tool returned: call_2 {"reserved":"three tea"}""", """completed: "{\"reserved\":\"three tea\"}" """.TrimEnd());
    }

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task A_call_that_another_process_holds_is_left_to_it_and_the_thread_can_be_taken_up_there()
    {
        var stock = new Stock();
        await using var bench = Bench(stock);
        var log = await bench.Answer(await bench.Start(JsonText.Parse("""{"item":"tea"}""")), approved: true);
        await using var other = bench.Beside();
        var elsewhere = new Stock { IsLeft = true };
        other.Host.Catalog.Servers = elsewhere;

        log = await other.Answer(log, response: "two");
        Assert.Equal((ThreadStatus.Running, "answered: \"two\""), (log.Thread.Status, Told.Of(log)[^1]));
        Assert.Empty(elsewhere.Calls);

        Told.Ends(await bench.Recover(log.Thread.Id), "tool started: call_2, attempt 1", """tool returned: call_2 {"reserved":"two tea"}""",
            """completed: "{\"reserved\":\"two tea\"}" """.TrimEnd());
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Of_several_calls_each_is_ended_as_it_stands_itself()
    {
        var stock = new Stock { Route = Route.Run };
        var workflow = Workflow.With(Workflow.Of<Order, string>("shop", "Reserves two things.", "1", async (run, order) =>
        {
            await run.All(() => run.Tool("stock.reserve", new { item = order.Item }), () => run.Tool("stock.reserve", new { item = "coffee" }));
            return "both";
        }), "stock.*");
        await using var bench = new AgentBench(workflow, new ScriptedModel());
        bench.Host.Catalog.Servers = stock;
        var log = await bench.Start(JsonText.Parse("""{"item":"tea"}"""));

        await bench.Host.Cancel(log.Thread.Id, AgentBench.Me, "enough");
        await bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken);

        Assert.Equal(["coffee at \"coffee\"", "tea at \"tea\""], stock.Ended.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("stock.sell", """{"item":"tea"}""", "'stock.sell' cannot be called: it was not given to this workflow; name it with Workflow.With")]
    [InlineData("stock.reserve", """{"thing":"tea"}""", "'stock.reserve' cannot be called: ")]
    public async Task What_it_was_not_given_or_does_not_fit_is_no_call(string tool, string arguments, string reason)
    {
        var workflow = Workflow.With(Workflow.Of<Order, string>("shop", "Reserves one thing.", "1", async (run, _) => (await run.Tool(tool, JsonText.Parse(arguments).Element())).Text), "stock.*");
        await using var bench = new AgentBench(workflow, new ScriptedModel());
        bench.Host.Catalog.Servers = new Stock();

        var log = await bench.Start(JsonText.Parse("""{"item":"tea"}"""));

        Assert.StartsWith($"failed: {reason}", Told.Of(log)[^1], StringComparison.Ordinal);
    }

    private static AgentBench Bench(Stock stock)
    {
        var bench = new AgentBench(Shop, new ScriptedModel());
        bench.Host.Catalog.Servers = stock;
        return bench;
    }

    /// <summary>A server whose one tool asks how many before it does anything.</summary>
    private sealed class Stock : IToolServers
    {
        public List<string> Calls { get; } = [];

        /// <summary>What was to be ended there, and where it stood.</summary>
        public ConcurrentQueue<string> Ended { get; } = [];

        public Route Route { get; init; } = Route.Approve;

        /// <summary>What somebody said there; null for nothing.</summary>
        public string? Settled { get; set; }

        /// <summary>How often the line goes dead in the middle of a call.</summary>
        public int Losses { get; set; }

        /// <summary>Whether another process holds its calls.</summary>
        public bool IsLeft { get; set; }

        public IReadOnlyList<string> Names => ["stock"];

        public Task<IReadOnlyList<OfferedTool>> ToolsOf(string server, CancellationToken cancellation = default) =>
            Task.FromResult<IReadOnlyList<OfferedTool>>([new(Recall(new("stock", "reserve")))]);

        public Tool Recall(ServerTool origin) => new(origin.Name, "Reserves.", TestAgents.OneItem, Effect.Idempotent, Reserve)
        {
            From = origin,
            Route = Route,
            Elsewhere = new((_, _) => Task.FromResult(Settled is not null), End) { IsLeft = _ => IsLeft },
        };

        private Task End(ToolCall call, CancellationToken cancellation)
        {
            Ended.Enqueue($"{call.Arguments.Element().GetProperty("item").GetString()} at {call.Relayed?.Continuation}");
            return Task.CompletedTask;
        }

        private Task<ToolOutcome> Reserve(ToolCall call, CancellationToken cancellation)
        {
            var (item, said) = (call.Arguments.Element().GetProperty("item").GetString(), call.Relayed?.Answer?.Response?.AsString() ?? Settled);
            if (Losses-- > 0)
            {
                throw new OutcomeUnknownException("the line went dead");
            }

            Calls.Add($"{item} {call.Id} {said}".TrimEnd());
            return Task.FromResult<ToolOutcome>(said is null
                ? new ToolOutcome.Asked(RequestKind.Question, "How many?", new Relay(JsonText.Of(item!)))
                : new ToolOutcome.Returned(JsonText.Parse($$"""{"reserved":"{{said}} {{item}}"}""")));
        }
    }
}
