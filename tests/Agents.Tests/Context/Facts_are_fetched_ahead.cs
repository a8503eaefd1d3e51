using System.Collections.Concurrent;
using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Context;

public sealed class Facts_are_fetched_ahead
{
    private const string Ask = """{"intent":"request_more_information","message":"Which?"}""";

    private readonly ConcurrentQueue<string> _looked = new();
    private int _times;

    // What it sees differs at every look, so that a test can tell old facts from new ones.
    private Tool Look(string name) => TestAgents.Tool(name, Effect.ReadOnly, call =>
    {
        var item = call.Arguments.Element().GetProperty("item").GetString();
        _looked.Enqueue($"{name} {item}");
        return $"\"{item} {Interlocked.Increment(ref _times)}\"";
    });

    private static Tool Pay => TestAgents.Tool("pay", Effect.Effectful, _ => "\"paid\"");

    private static Microagent Informed(Microagent agent, params (string Intent, string Item)[] facts) => agent with
    {
        Context = new() { Prefetch = [.. facts.Select(fact => new Prefetch(fact.Intent, JsonText.Parse($$"""{"item":"{{fact.Item}}"}""")))] },
    };

    [Fact]
    [Trait("Accepts", "F13.1")]
    public async Task Before_the_first_decision_which_then_needs_no_look_of_its_own()
    {
        var model = new ScriptedModel(TestAgents.Done);
        await using var bench = new AgentBench(Informed(TestAgents.Clerk(Look("look")), ("look", "shelf")), model);

        Told.Is(await bench.Start("x"),
            """started: {"message":"x"}""",
            """fetched: look {"item":"shelf"} "shelf 1" """.TrimEnd(),
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.StartsWith("""
            <message_received>
            message: x
            </message_received>

            <look>
            item: shelf
            </look>

            <look_result>
            shelf 1
            </look_result>

            What is the next step?
            """, model.Prompts[0].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F13.2")]
    public async Task All_at_once_and_stored_in_the_order_they_are_declared()
    {
        // The first ends only when the second has, so one after the other they would never end.
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = TestAgents.Tool("slow", Effect.ReadOnly, async (_, cancellation) =>
        {
            await second.Task.WaitAsync(cancellation);
            return new ToolOutcome.Returned(JsonText.Of("last"));
        });
        var quick = TestAgents.Tool("quick", Effect.ReadOnly, _ =>
        {
            second.SetResult();
            return "\"first\"";
        });
        await using var bench = new AgentBench(Informed(TestAgents.Clerk(slow, quick), ("slow", "a"), ("quick", "b")), new ScriptedModel(TestAgents.Done));

        Assert.Equal(["""fetched: slow {"item":"a"} "last" """.TrimEnd(), """fetched: quick {"item":"b"} "first" """.TrimEnd()], Told.Of(await bench.Start("x")).Skip(1).Take(2));
    }

    [Fact]
    [Trait("Accepts", "F13.3")]
    public async Task One_that_fails_is_one_compact_error_and_holds_up_nothing()
    {
        var broken = TestAgents.Tool("broken", Effect.ReadOnly, _ => throw new ToolException("the server answered 503\n   at Some.Where()"));
        var model = new ScriptedModel(TestAgents.Done);
        await using var bench = new AgentBench(
            Informed(TestAgents.Clerk(broken, Look("look")), ("broken", "a"), ("look", "b")) with { Limits = new(Steps: 1, ErrorsInRow: 1) }, model);

        var log = await bench.Start("x");

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal((1, 0), (log.Thread.Steps, log.Thread.ErrorsInRow.Count));
        Assert.Contains("""
            <error>
            broken failed: the server answered 503
            </error>

            <look>
            item: b
            </look>

            <look_result>
            b 1
            </look_result>
            """, model.Prompts[0].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F13.4")]
    public async Task Again_after_an_effect_but_not_after_a_look_and_only_the_newest_is_shown()
    {
        var model = new ScriptedModel(TestAgents.Step("look", "door"), TestAgents.Step("pay", "bill"), TestAgents.Done);
        await using var bench = new AgentBench(Informed(TestAgents.Clerk(Look("look"), Pay), ("look", "shelf")), model);

        Told.Is(await bench.Start("x"),
            """started: {"message":"x"}""",
            """fetched: look {"item":"shelf"} "shelf 1" """.TrimEnd(),
            """chosen: look {"item":"door"}""", "tool started: call_3, attempt 1", """tool returned: call_3 "door 2" """.TrimEnd(),
            """chosen: pay {"item":"bill"}""", "tool started: call_6, attempt 1", """tool returned: call_6 "paid" """.TrimEnd(),
            """fetched: look {"item":"shelf"} "shelf 3" """.TrimEnd(),
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.DoesNotContain("shelf 1", model.Prompts[2].User, StringComparison.Ordinal);
        Assert.Contains("shelf 3", model.Prompts[2].User, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "F13.4")]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    public async Task Again_when_a_thread_goes_on_after_a_pause_and_the_facts_are_old(int minutes, int looks)
    {
        await using var bench = new AgentBench(Informed(TestAgents.Clerk(Look("look")), ("look", "shelf")), new ScriptedModel(Ask, TestAgents.Done));
        var log = await bench.Start("x");

        bench.Clock.Advance(TimeSpan.FromMinutes(minutes));
        log = await bench.Answer(log, response: "that one");

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal(looks, _looked.Count);
    }

    [Fact]
    [Trait("Accepts", "F13.4")]
    public async Task Not_while_a_step_of_the_caller_waits_to_be_read()
    {
        await using var bench = new AgentBench(Informed(TestAgents.Clerk(Look("look"), Pay), ("look", "shelf")), new CallerModel());
        var log = await bench.Start("x");
        bench.Clock.Advance(TimeSpan.FromHours(1));

        log = await bench.AnswerJson(log, null, JsonText.Parse(TestAgents.Step("pay", "bill")));

        Told.Ends(log,
            """answered: {"intent":"pay","item":"bill"}""",
            """chosen: pay {"item":"bill"}""", "tool started: call_5, attempt 1", """tool returned: call_5 "paid" """.TrimEnd(),
            """fetched: look {"item":"shelf"} "shelf 2" """.TrimEnd(),
            "next_step: You are the model of clerk: choose its next step.");
    }

    [Fact]
    public async Task A_process_that_dies_while_it_fetches_leaves_nothing_half_done()
    {
        var model = new ScriptedModel(TestAgents.Done);
        await using var bench = new AgentBench(Informed(TestAgents.Clerk(Look("look")), ("look", "shelf")), model);

        var log = await bench.Recover(await bench.Found([new ThreadStarted(
            bench.Clock.GetUtcNow(), "clerk", Definition.Of(bench.Agents[0]).Hash, AgentBench.Message("x"), "mia", "stdio", "message_received")]));

        Assert.Equal("""fetched: look {"item":"shelf"} "shelf 1" """.TrimEnd(), Told.Of(log)[1]);
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
    }

    [Fact]
    public async Task A_thread_keeps_what_it_fetches_and_a_tool_that_may_change_something_by_now_is_left_alone()
    {
        await using var first = new AgentBench(Informed(TestAgents.Clerk(Look("look")), ("look", "shelf")), new ScriptedModel(Ask, TestAgents.Done));
        var log = await first.Start("x");

        await using var bench = await first.Restart(agent: TestAgents.Clerk(Look("look") with { Effect = Effect.Effectful }));
        bench.Clock.Advance(TimeSpan.FromHours(1));
        log = await bench.Answer(log, response: "that one");

        Assert.Equal("""fetched: look {"item":"shelf"} failed: look is no read-only tool of clerk any more""", Told.Of(log)[5]);
        Assert.Single(_looked);
    }

    [Fact]
    public async Task One_that_takes_too_long_is_given_up()
    {
        var stuck = TestAgents.Tool("stuck", Effect.ReadOnly, (_, _) => new TaskCompletionSource<ToolOutcome>().Task) with { Timeout = TimeSpan.FromSeconds(7) };
        await using var bench = new AgentBench(Informed(TestAgents.Clerk(stuck), ("stuck", "a")), new ScriptedModel(TestAgents.Done));

        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await bench.Clock.Waited(TimeSpan.FromSeconds(7));
        bench.Clock.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal("""fetched: stuck {"item":"a"} failed: it did not end within 7 s""", Told.Of(await bench.Settle(id))[1]);
    }
}
