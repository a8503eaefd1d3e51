using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Evals;

/// <summary>What the model and the tools said, said again, makes the same log; whatever happened to the thread.</summary>
public sealed class A_case_runs_as_it_ran
{
    private const string Multiply = """{"intent":"multiply","a":3,"b":4}""";
    private const string Divide = """{"intent":"divide","a":3,"b":4}""";
    private const string Ask = """{"intent":"request_more_information","message":"Which?"}""";

    [Fact]
    [Trait("Accepts", "F12.2")]
    public async Task Recorded_outputs_make_the_same_log()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel("Well.", Multiply, Divide, """{"intent":"divide","a":3,"b":5}""", TestAgents.Done));
        var log = await bench.Start("Multiply 3 and 4, then divide 3 by 4");
        log = await bench.Answer(log, approved: false, comment: "use 5");
        log = await bench.Answer(log, approved: true);

        await Cases.Repeats(bench, log);
        Told.Is(log,
            """started: {"message":"Multiply 3 and 4, then divide 3 by 4"}""",
            "rejected: The reply is not a step. Reply with one JSON object that has an intent.",
            """chosen: multiply {"a":3,"b":4}""",
            "tool started: call_3, attempt 1",
            "tool returned: call_3 12",
            """chosen: divide {"a":3,"b":4}""",
            "approval: Run divide with a 3, b 4?",
            "answered: no (use 5)",
            """chosen: divide {"a":3,"b":5}""",
            "approval: Run divide with a 3, b 5?",
            "answered: yes",
            "tool started: call_9, attempt 1",
            "tool returned: call_9 0.6",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
    }

    [Fact]
    public async Task Questions_errors_limits_and_further_messages_come_where_they_came()
    {
        await using var bench = new AgentBench(TestAgents.Calculator with { Limits = new(Steps: 4, ErrorsInRow: 2) },
            new ScriptedModel(Ask, """{"intent":"divide","a":1,"b":0}""", "no", Ask, TestAgents.Done, Ask));
        var log = await bench.Start("Hello");
        log = await bench.Answer(log, response: "divide 1 by 0");
        log = await bench.Answer(log, approved: true);
        log = await bench.Answer(log, response: "never mind");
        log = await bench.Answer(log, response: "I said never mind");
        log = await bench.Answer(log, approved: true);
        log = await bench.Answer(log, response: "one more thing");

        Assert.Equal(["question", "approval", "question", "question", "budget", "question"], log.Events.OfType<RequestOpened>().Select(asked => WireName.Of(asked.Kind)));
        await Cases.Repeats(bench, log);
    }

    [Fact]
    public async Task The_caller_may_have_been_the_model()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new CallerModel());
        var log = await bench.Start("Multiply 3 and 4");
        log = await bench.AnswerJson(log, null, JsonText.Parse(Multiply));
        log = await bench.AnswerJson(log, null, JsonText.Parse(TestAgents.Done));

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        await Cases.Repeats(bench, log);
    }

    [Fact]
    public async Task What_came_from_outside_is_put_in()
    {
        var job = TestAgents.Tool("build", Effect.Effectful, (_, _) => Task.FromResult<ToolOutcome>(new ToolOutcome.Deferred("Waits for build 7.")));
        var lost = TestAgents.Tool("pay", Effect.Effectful, (_, _) => throw new OutcomeUnknownException("the line went dead"));
        await using var bench = new AgentBench(TestAgents.Clerk(job, lost), new ScriptedModel(
            TestAgents.Step("build", "app"), TestAgents.Step("pay", "rent"), """{"intent":"await","seconds":30}""",
            new ModelException("The provider is overloaded.", mayPass: true), TestAgents.Step("pay", "tax")));
        var log = await bench.Start("Go");
        log = await bench.AnswerJson(log, null, JsonText.Parse("""{"url":"u"}"""));
        log = await bench.AnswerJson(log, null, JsonText.Parse("""{"outcome":"skip"}"""));
        bench.Clock.Advance(TimeSpan.FromSeconds(31));
        log = await bench.Recover(log.Thread.Id);
        log = await bench.Answer(log, approved: true);
        await bench.Host.Cancel(log.Thread.Id, AgentBench.Me, "enough");
        log = bench.Store.Read(log.Thread.Id);

        Assert.Equal(["external_result", "in_doubt", "sleep", "budget", "in_doubt"], log.Events.OfType<RequestOpened>().Select(asked => WireName.Of(asked.Kind)));
        await Cases.Repeats(bench, log);
    }

    [Fact]
    public async Task A_tool_that_looks_first_is_not_asked_to_look_again()
    {
        var looks = 0;
        var deploy = TestAgents.Tool("deploy", Effect.Effectful, _ => "{}").Gated() with
        {
            Preview = (_, _) => Task.FromResult(new Preview(JsonText.Parse($$"""{"item":"app","sha":"{{(looks++ < 1 ? "a" : "b")}}"}"""), "Deploy?", "from -> to")),
        };
        await using var bench = new AgentBench(TestAgents.Clerk(deploy), new ScriptedModel(TestAgents.Step("deploy", "app"), TestAgents.Done));
        var log = await bench.Start("Go");
        log = await bench.Answer(log, approved: true);
        log = await bench.Answer(log, approved: true);

        Assert.Equal(["Deploy?", "Things changed since this was approved. Deploy?"], log.Events.OfType<RequestOpened>().Select(asked => asked.Question));
        Assert.Equal(3, looks);
        await Cases.Repeats(bench, log);
        Assert.Equal(3, looks);
    }

    [Fact]
    public async Task Facts_are_not_fetched_again()
    {
        var outside = new Outside();
        var agent = outside.Clerk with { Context = new() { Prefetch = [new("look", JsonText.Parse("""{"item":"shelf"}""")), new("look", JsonText.Parse("""{"item":"yard"}"""))] } };
        await using var bench = new AgentBench(agent, new ScriptedModel(TestAgents.Step("pay", "rent"), TestAgents.Done));
        var log = await bench.Start("Go");
        var before = outside.Done.Count;

        await Cases.Repeats(bench, log);

        Assert.Equal(4, log.Events.OfType<Fetched>().Count());
        Assert.Equal(before, outside.Done.Count);
        var lacking = Cases.Of(bench, log, asEval: true) with { Events = [log.Events[0], .. log.Events.SkipWhile(e => e is not StepChosen).Take(1)], Steps = [] };
        Assert.Equal("Now there is work beside the steps here (fetch), and the case holds no outcome of it.", (await Cases.Replay(lacking, agent)).Difference!.Note);
    }

    [Fact]
    public async Task A_judge_is_not_asked_again_and_nothing_is_taken_from_a_cache()
    {
        var judged = 0;
        var outside = new Outside();
        var agent = outside.Clerk with
        {
            Context = new()
            {
                Judge = Judge.InCode((proposal, _) => Task.FromResult(new Judgement(judged++ == 0 ? Verdict.Fail : Verdict.Pass, "too dear")), ["pay"]),
                Cache = new Dictionary<string, TimeSpan> { ["look"] = TimeSpan.FromMinutes(10) },
            },
        };
        await using var bench = new AgentBench(agent, new ScriptedModel(
            TestAgents.Step("pay", "gold"), TestAgents.Step("look", "shelf"), TestAgents.Step("look", "shelf"), TestAgents.Step("pay", "rent"), TestAgents.Done));
        var log = await bench.Start("Go");

        Assert.Equal([Verdict.Fail, Verdict.Pass], log.Events.OfType<StepJudged>().Select(e => e.Verdict));
        Assert.Single(log.Events.OfType<ToolReturned>(), returned => returned.Cached is not null);
        await Cases.Repeats(bench, log);
        Assert.Equal(2, judged);
    }

    [Fact]
    public async Task A_thread_whose_program_is_gone_runs_from_its_case_alone()
    {
        await using var bench = new AgentBench(new Outside().Clerk, new ScriptedModel(
            TestAgents.Step("look", "shelf"), TestAgents.Step("deploy", "app"), TestAgents.Step("pay", "rent"), TestAgents.Done));
        var log = await bench.Start("Go");
        log = await bench.Answer(log, approved: true);
        var recorded = Cases.Of(bench, log);

        var replayed = await Agents.Evals.Replay.Run(recorded, recorded.Player(null)!, null);

        Assert.Null(replayed.Difference);
        Assert.Null(replayed.Prompt);
        Assert.Equal(Told.Of(log), Told.Of(replayed.Log!));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_gated_tool_that_is_gone_asks_nobody()
    {
        var first = new AgentBench(new Outside().Clerk, new ScriptedModel(
            TestAgents.Step("deploy", "app"), Ask, TestAgents.Step("deploy", "site"), TestAgents.Done));
        var log = await first.Answer(await first.Start("Go"), approved: true);
        await using var bench = await first.Restart(agent: TestAgents.Clerk());
        log = await bench.Answer(await bench.Answer(log, response: "go on"), response: "pin");

        Told.Ends(log, "answered: \"pin\"", """chosen: deploy {"item":"site"}""", "tool started: call_12, attempt 1",
            "tool failed: call_12 deploy is no longer a tool of clerk; choose another one or ask",
            """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
        await Cases.Repeats(bench, log);
    }

    [Fact]
    public async Task No_tool_runs_in_a_replay()
    {
        var outside = new Outside();
        await using var bench = new AgentBench(outside.Clerk, new ScriptedModel(TestAgents.Step("pay", "rent"), TestAgents.Step("look", "shelf"), TestAgents.Done));
        var log = await bench.Start("Go");
        var before = outside.Done;

        await Cases.Repeats(bench, log);

        Assert.Equal(["pay rent call_2", "look shelf call_5"], before);
        Assert.Equal(before, outside.Done);
    }
}
