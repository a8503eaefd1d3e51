using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Servers;

public sealed class What_is_left_elsewhere_is_ended
{
    private const string Book = """{"intent":"far.book","item":"tea"}""";

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F6.6")]
    public async Task By_a_process_that_knows_how_whichever_looks_first()
    {
        var far = new FarServer();
        await using var bench = Bench(far, Book);
        var log = await bench.Start("x");
        // It has no servers, and no such agent.
        await using var other = bench.Beside(agent: TestAgents.Calculator);
        await bench.Host.Cancel(log.Thread.Id, AgentBench.Me, "enough");

        await Look(other);
        Assert.Empty(far.Ended);
        await Look(bench);
        Assert.Equal(["tea at tea"], far.Ended);
        await Look(bench);
        Assert.Single(far.Ended);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "F4.3")]
    public async Task With_the_arguments_that_were_approved()
    {
        var far = new FarServer { Route = Route.Approve, Begins = Hangs };
        await using var bench = Bench(far, Book);
        var log = await bench.Start("x");
        await bench.Host.Answer(log.Thread.Id, AgentBench.Me, null, true, null, null, JsonText.Parse("""{"item":"coffee"}"""));
        await _begun.Task;

        await bench.Host.Cancel(log.Thread.Id, AgentBench.Me, "enough");
        await Look(bench);

        Assert.Equal(["coffee"], far.Ended);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task Also_of_a_tool_that_only_reads_and_was_cut_off()
    {
        var far = new FarServer { Effect = Effect.ReadOnly, Begins = Hangs };
        await using var bench = Bench(far, Book);
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await _begun.Task;

        await bench.Host.Cancel(id, AgentBench.Me, "enough");
        await Look(bench);

        Told.Ends(bench.Store.Read(id), "tool failed: call_2 it was cancelled while it ran", "cancelled: enough");
        Assert.Equal(["tea"], far.Ended);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task And_nothing_is_sent_for_a_call_that_has_failed()
    {
        var far = new FarServer { Begins = (_, _) => throw new ToolException("it cannot be reached") };
        await using var bench = Bench(far, Book, """{"intent":"request_more_information","message":"Which?"}""");
        var log = await bench.Start("x");
        Assert.Equal("question: Which?", Told.Asked(log));

        await bench.Host.Cancel(log.Thread.Id, AgentBench.Me, "enough");
        await Look(bench);

        Assert.Empty(far.Ended);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task Each_of_several_calls_by_what_it_left_itself()
    {
        var far = new FarServer();
        var flow = Workflow.With(Workflow.Of("flow", "Books two.", Microagent.MessageSchema, JsonText.Parse("{}"), "1", async (run, _) =>
        {
            await run.All(() => run.Tool("far.book", new { item = "tea" }), () => run.Tool("far.book", new { item = "coffee" }));
            return JsonText.Null;
        }), "far.*");
        await using var bench = new AgentBench(flow, new ScriptedModel());
        bench.Host.Catalog.Servers = far;
        var log = await bench.Start("x");
        Assert.Equal(2, log.Thread.OpenRequests.Count);

        await bench.Host.Cancel(log.Thread.Id, AgentBench.Me, "enough");
        await Look(bench);

        Assert.Equal(["coffee at coffee", "tea at tea"], far.Ended.Order(StringComparer.Ordinal));
    }

    private static AgentBench Bench(FarServer far, params string[] steps)
    {
        var bench = new AgentBench(FarServer.Clerk, new ScriptedModel(steps));
        bench.Host.Catalog.Servers = far;
        return bench;
    }

    private static Task<int> Look(AgentBench bench) => bench.Runner.Elsewhere.Look(TestContext.Current.CancellationToken);

    private async Task<ToolOutcome> Hangs(ToolCall call, CancellationToken cancellation)
    {
        _begun.SetResult();
        await Task.Delay(Timeout.Infinite, cancellation);
        throw new InvalidOperationException();
    }
}
