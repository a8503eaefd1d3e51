using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.People;

public sealed class Policy_routes_a_step
{
    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "F4.3")]
    public async Task The_prompt_is_the_same_for_every_route()
    {
        var prompts = new List<Prompt>();
        foreach (var route in Enum.GetValues<Route>())
        {
            var model = new ScriptedModel(TestAgents.Step("pay", "book"), TestAgents.Done);
            await using var bench = new AgentBench(TestAgents.Clerk(_outside.Pay with { Route = route }), model);
            await bench.Start("pay for the book");
            prompts.Add(model.Prompts[0]);
        }

        Assert.Single(prompts.Distinct());
        Assert.Equal(4, prompts.Count);
    }

    [Fact]
    [Trait("Accepts", "F4.3")]
    public async Task A_dry_run_tells_what_would_run_and_runs_nothing()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(_outside.Pay with { Route = Route.DryRun }), new ScriptedModel(TestAgents.Step("pay", "book"), TestAgents.Done));

        var log = await bench.Start("pay");

        Assert.Contains("""tool returned: call_2 {"dry_run":true,"would_run_with":{"item":"book"}}""", Told.Of(log));
        Assert.Empty(_outside.Done);
    }

    [Theory]
    [Trait("Accepts", "F4.3")]
    [InlineData(Effect.Effectful)]
    [InlineData(Effect.Idempotent)]
    [InlineData(Effect.ReadOnly)]
    public async Task A_dry_run_that_a_crash_cut_off_is_still_a_dry_run(Effect effect)
    {
        var agent = TestAgents.Clerk(_outside.Pay with { Route = Route.DryRun, Effect = effect });
        await using var bench = new AgentBench(agent, new ScriptedModel(TestAgents.Done));
        var thread = await bench.Found([Logs.Started("""{"message":"x"}""") with { Agent = "clerk", Definition = Definition.Of(agent).Hash }, Logs.Chose("pay", """{"item":"book"}"""), Logs.Began(2)]);

        var log = await bench.Recover(thread);

        Assert.Contains("""tool returned: call_2 {"dry_run":true,"would_run_with":{"item":"book"}}""", Told.Of(log));
        Assert.Empty(_outside.Done);
    }

    [Fact]
    [Trait("Accepts", "F4.3")]
    public async Task A_delegated_step_is_done_by_a_person_whose_answer_is_its_result()
    {
        var model = new ScriptedModel(TestAgents.Step("pay", "book"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(_outside.Pay with { Route = Route.Delegate }), model);

        var log = await bench.Start("pay");
        Assert.Equal("external_result: Please do pay and answer with its result.\n{\"item\":\"book\"}", Told.Asked(log));
        log = await bench.AnswerJson(log, null, JsonText.Parse("""{"receipt":7}"""));

        Told.Ends(log, """answered: {"receipt":7}""", """tool returned: call_2 {"receipt":7}""", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
        Assert.Contains("<pay>\nitem: book\n</pay>\n\n<pay_result>\nreceipt: 7\n</pay_result>\n\nWhat", model.Prompts[1].User, StringComparison.Ordinal);
        Assert.Empty(_outside.Done);
    }

    [Fact]
    [Trait("Accepts", "F6.9")]
    public async Task A_long_job_parks_with_its_handle_and_its_result_comes_later()
    {
        var build = TestAgents.Tool("build", Effect.Effectful, (call, _) => Task.FromResult<ToolOutcome>(new ToolOutcome.Deferred(
            "Build 7 runs.", "https://ci.example/7", JsonText.Parse("""{"type":"object","properties":{"passed":{"type":"boolean"}},"required":["passed"]}"""))));
        var model = new ScriptedModel(TestAgents.Step("build", "app"), TestAgents.Done);
        await using var first = new AgentBench(TestAgents.Clerk(build), model);
        var log = await first.Start("build");
        Assert.Equal("external_result: Build 7 runs.\nhttps://ci.example/7", Told.Asked(log));

        await using var bench = await first.Restart();
        await Assert.ThrowsAsync<RefusedException>(() => bench.Answer(log, response: "it went well"));
        log = await bench.AnswerJson(log, null, JsonText.Parse("""{"passed":true}"""));

        Told.Is(log,
            """started: {"message":"build"}""",
            """chosen: build {"item":"app"}""",
            "tool started: call_2, attempt 1",
            "external_result: Build 7 runs.",
            """answered: {"passed":true}""",
            """tool returned: call_2 {"passed":true}""",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.Contains("<build>\nitem: app\n</build>\n\n<build_result>\npassed: true\n</build_result>\n\nWhat", model.Prompts[1].User, StringComparison.Ordinal);
    }
}
