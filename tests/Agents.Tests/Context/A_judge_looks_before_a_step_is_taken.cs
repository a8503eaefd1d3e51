using AgentMcp.Agents.Context;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Context;

public sealed class A_judge_looks_before_a_step_is_taken
{
    private const string Pass = """{"intent":"judge","verdict":"pass","reason":"as asked"}""";
    private const string TooDear = """{"intent":"judge","verdict":"fail","reason":"nobody asked for the dear one"}""";
    private const string NotThat = """{"intent":"judge","verdict":"fail","reason":"nor for the old one"}""";

    private readonly Outside _outside = new();

    private Microagent Judged(Judge? judge = null) => _outside.Clerk with { Context = new() { Judge = judge ?? new("You judge.") } };

    [Fact]
    [Trait("Accepts", "J.1")]
    public async Task It_sees_the_thread_and_the_step_and_what_passes_runs()
    {
        var model = new ScriptedModel(TestAgents.Step("look", "shelf"), TestAgents.Step("pay", "book"), Pass, TestAgents.Done);
        await using var bench = new AgentBench(Judged(), model);

        Told.Is(await bench.Start("buy the book"),
            """started: {"message":"buy the book"}""",
            """chosen: look {"item":"shelf"}""", "tool started: call_2, attempt 1", """tool returned: call_2 {"did":"look shelf"}""",
            """chosen: pay {"item":"book"}""", "judged: call_5 pass (as asked)", "tool started: call_5, attempt 1", """tool returned: call_5 {"did":"pay book"}""",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.Equal("You judge.", model.Prompts[2].System);
        Assert.Equal("""
            <message_received>
            message: buy the book
            </message_received>

            <look>
            item: shelf
            </look>

            <look_result>
            did: look shelf
            </look_result>

            <proposed_step>
            intent: pay
            arguments:
              item: book
            </proposed_step>

            May this step be taken? Reply with exactly one JSON object and nothing else. It must match this JSON Schema:
            {"anyOf":[{"description":"Say whether the step may be taken.","type":"object","properties":{"intent":{"enum":["judge"]},"verdict":{"enum":["pass","fail"]},"reason":{"type":"string","minLength":1}},"required":["intent","verdict","reason"],"additionalProperties":false}]}
            """, model.Prompts[2].User);
    }

    [Fact]
    [Trait("Accepts", "J.1")]
    [Trait("Accepts", "J.5")]
    public async Task What_it_turns_down_does_not_run_and_the_next_decision_is_told_why()
    {
        var model = new ScriptedModel(TestAgents.Step("pay", "dear"), TooDear, TestAgents.Step("pay", "cheap"), Pass, TestAgents.Done);
        await using var bench = new AgentBench(Judged(), model);

        var log = await bench.Start("buy");

        Assert.Equal(["pay cheap call_4"], _outside.Done);
        Assert.Equal((3, 0), (log.Thread.Steps, log.Thread.ErrorsInRow.Count));
        Assert.Contains("""
            <pay>
            item: dear
            </pay>

            <judge_feedback>
            pay was not run: nobody asked for the dear one
            </judge_feedback>

            What is the next step?
            """, model.Prompts[2].User, StringComparison.Ordinal);
        Assert.DoesNotContain("dear", model.Prompts[4].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F2.2")]
    public async Task Every_prompt_that_was_sent_can_be_shown_again()
    {
        var model = new ScriptedModel(TestAgents.Step("pay", "dear"), TooDear, TestAgents.Step("look", "shelf"), TestAgents.Step("pay", "cheap"), Pass, TestAgents.Done);
        await using var bench = new AgentBench(Judged(), model);

        var log = await bench.Start("buy");

        var versions = Enumerable.Range(1, log.Events.Count).Where(version => PromptRenderer.WasAsked(log.Events[version - 1])).ToList();
        Assert.Equal(model.Prompts, versions.Select(version => PromptRenderer.RenderFor(bench.Agents[0], log.Events, version)));
    }

    [Fact]
    [Trait("Accepts", "J.2")]
    [Trait("Accepts", "J.5")]
    public async Task Two_in_a_row_and_a_person_decides()
    {
        var model = new ScriptedModel(TestAgents.Step("pay", "dear"), TooDear, TestAgents.Step("pay", "old"), NotThat);
        await using var bench = new AgentBench(Judged(), model);

        var log = await bench.Start("buy");

        Assert.Equal("""
            question: The judge turned down 2 steps of clerk in a row. What should it do?
            1. pay {"item":"dear"}: nobody asked for the dear one
            2. pay {"item":"old"}: nor for the old one
            """, Told.Asked(log));
        Assert.Equal(4, model.Calls);
        Assert.Empty(_outside.Done);

        model.Then(TestAgents.Step("pay", "old"), Pass, TestAgents.Done);
        log = await bench.Answer(log, response: "the old one is right");

        Assert.Equal(["pay old call_8"], _outside.Done);
        Assert.DoesNotContain("dear", model.Prompts[4].User, StringComparison.Ordinal);
        Assert.Contains("""
            <judge_feedback>
            pay was not run: nor for the old one
            </judge_feedback>

            <human_response>
            response: the old one is right
            user: mia
            </human_response>
            """, model.Prompts[4].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "J.3")]
    public async Task A_pass_never_replaces_an_approval()
    {
        await using var bench = new AgentBench(Judged(), new ScriptedModel(TestAgents.Step("deploy", "v2"), Pass, TestAgents.Done));

        var log = await bench.Start("ship");

        Told.Ends(log, "judged: call_2 pass (as asked)", "approval: Run deploy with item v2?");
        Assert.Empty(_outside.Done);
        Assert.Equal(ThreadStatus.Completed, (await bench.Answer(log, approved: true)).Thread.Status);
        Assert.Equal(["deploy v2 call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "J.1")]
    public async Task It_may_be_code()
    {
        var judge = Judge.InCode((proposal, _) => Task.FromResult(proposal.Arguments.Text.Contains("dear", StringComparison.Ordinal)
            ? new Judgement(Verdict.Fail, $"{proposal.Intent} takes cheap things only")
            : new Judgement(Verdict.Pass, "cheap")));
        await using var bench = new AgentBench(Judged(judge), new ScriptedModel(TestAgents.Step("pay", "dear"), TestAgents.Step("pay", "cheap"), TestAgents.Done));

        var log = await bench.Start("buy");

        Assert.Equal(["judged: call_2 fail (pay takes cheap things only)", "judged: call_4 pass (cheap)"], Told.Of(log).Where(line => line.StartsWith("judged", StringComparison.Ordinal)));
        Assert.Equal(["pay cheap call_4"], _outside.Done);
    }

    [Fact]
    public async Task A_process_that_dies_before_the_verdict_is_stored_asks_the_judge_again_and_no_verdict_is_asked_for_twice()
    {
        await using var bench = new AgentBench(Judged(), new ScriptedModel(Pass, TestAgents.Done));
        ThreadEvent[] begun =
        [
            new ThreadStarted(bench.Clock.GetUtcNow(), "clerk", Definition.Of(bench.Agents[0]).Hash, AgentBench.Message("x"), "mia", "stdio", "message_received"),
            new StepChosen(bench.Clock.GetUtcNow(), "pay", State.Json.JsonText.Parse("""{"item":"a"}"""), "scripted"),
        ];

        var log = await bench.Recover(await bench.Found(begun));
        Assert.Equal((ThreadStatus.Completed, 1), (log.Thread.Status, log.Events.OfType<StepJudged>().Count()));

        await using var other = new AgentBench(Judged(), new ScriptedModel(TestAgents.Done));
        log = await other.Recover(await other.Found([.. begun, new StepJudged(other.Clock.GetUtcNow(), new(2), Verdict.Pass, "as asked", "scripted")]));
        Assert.Equal((ThreadStatus.Completed, 1), (log.Thread.Status, log.Events.OfType<StepJudged>().Count()));
    }

    [Fact]
    [Trait("Accepts", "J.5")]
    public async Task A_thread_keeps_the_judge_it_began_with()
    {
        var model = new ScriptedModel("""{"intent":"request_more_information","message":"Which?"}""", TestAgents.Step("pay", "a"), Pass, TestAgents.Done);
        await using var first = new AgentBench(Judged(), model);
        var log = await first.Start("x");

        await using var bench = await first.Restart(agent: Judged(new("You judge differently.")));
        await bench.Answer(log, response: "that one");

        Assert.Equal("You judge.", model.Prompts[2].System);
    }
}
