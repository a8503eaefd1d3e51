using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

public sealed class A_call_that_was_cut_off
{
    private readonly Outside _outside = new();

    [Theory]
    [Trait("Accepts", "F8.7")]
    [InlineData("""{"outcome":"done","result":{"receipt":7}}""", new[] { """tool returned: call_2 {"receipt":7}""" }, new string[0])]
    [InlineData("\"done\"", new[] { "tool returned: call_2 null" }, new string[0])]
    [InlineData("""{"outcome":"run_again"}""", new[] { "tool started: call_2, attempt 2", """tool returned: call_2 {"did":"pay book"}""" }, new[] { "pay book call_2" })]
    [InlineData("""{"outcome":"skip"}""", new string[0], new string[0])]
    public async Task That_may_not_happen_twice_is_in_doubt_until_a_person_says_what_became_of_it(string response, string[] then, string[] done)
    {
        await using var bench = new AgentBench(_outside.Clerk, new ScriptedModel(TestAgents.Done));
        var log = await bench.Recover(await bench.Found(Cut("pay")));
        Assert.Equal("""
            in_doubt: pay was cut off and nobody knows whether it happened. What became of it?
            The process stopped after the call was started and before its outcome was stored.
            Arguments: {"item":"book"}
            Attempt: 1
            """, Told.Asked(log));
        Assert.Equal(ActionDigest.Bind("pay", JsonText.Parse("""{"item":"book"}""")), log.Thread.OpenRequests[0].Asked.Action);

        log = await bench.AnswerJson(log, null, JsonText.Parse(response));

        Assert.Equal([.. then, """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}"""], Told.Of(log).Skip(5));
        Assert.Equal(done, _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task Stays_in_doubt_however_long_nobody_says_what_became_of_it()
    {
        var people = new PeoplePolicy(Channels: ["ops"], RemindAfter: TimeSpan.FromMinutes(10), EscalateTo: "boss", EscalateAfter: TimeSpan.FromMinutes(30), ExpiresAfter: TimeSpan.FromHours(1));
        await using var bench = new AgentBench(_outside.Clerk with { People = people }, new ScriptedModel(TestAgents.Step("pay", "book"), TestAgents.Done));
        var log = await bench.Recover(await bench.Found(Cut("pay")));
        bench.Clock.Advance(TimeSpan.FromDays(1));

        log = await bench.Recover(log.Thread.Id);

        Told.Ends(log, "tool started: call_2, attempt 1", "in_doubt: pay was cut off and nobody knows whether it happened. What became of it?");
        Assert.Empty(_outside.Done);
        var asked = log.Thread.OpenRequests[0].Asked;
        Assert.Null(asked.DueAt);
        Assert.Equal(("ops", asked.At.AddMinutes(10), "boss", asked.At.AddMinutes(30)), (Assert.Single(asked.Reach!.Channels), asked.Reach.RemindAt, asked.Reach.EscalateTo, asked.Reach.EscalateAt));
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "R.10")]
    public async Task After_it_was_approved_runs_again_only_with_a_persons_word_and_then_under_the_same_approval()
    {
        await using var bench = new AgentBench(_outside.Clerk, new ScriptedModel(TestAgents.Done));
        var id = await bench.Found([.. Cut("deploy")[..2], Logs.AskedLeave("deploy", """{"item":"book"}"""), Logs.Answered(3, approved: true), Logs.Began(2)]);

        var log = await bench.AnswerJson(await bench.Recover(id), null, JsonText.Parse("""{"outcome":"run_again"}"""));

        Told.Ends(log, """answered: {"outcome":"run_again"}""", "tool started: call_2, attempt 2", """tool returned: call_2 {"did":"deploy book"}""",
            """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
        Assert.Equal(["deploy book call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "R.10")]
    public async Task An_approval_stands_after_a_crash_and_its_action_runs_once()
    {
        await using var bench = new AgentBench(_outside.Clerk, new ScriptedModel(TestAgents.Done));
        var id = await bench.Found([.. Cut("deploy")[..2], Logs.AskedLeave("deploy", """{"item":"book"}"""), Logs.Answered(3, approved: true)]);

        var log = await bench.Recover(id);

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal(["deploy book call_2"], _outside.Done);
    }

    [Theory]
    [Trait("Accepts", "F8.7")]
    [InlineData("look")]
    [InlineData("store")]
    public async Task That_may_happen_twice_is_tried_again_under_the_same_key_but_not_for_ever(string tool)
    {
        await using var bench = new AgentBench(_outside.Clerk, new ScriptedModel(TestAgents.Done, TestAgents.Done));

        var again = await bench.Recover(await bench.Found(Cut(tool)));
        var enough = await bench.Recover(await bench.Found([.. Cut(tool), Logs.Began(2, 2), Logs.Began(2, 3)]));

        Assert.Equal([$"{tool} book call_2"], _outside.Done);
        Assert.Contains("tool started: call_2, attempt 2", Told.Of(again));
        Assert.Equal($"tool failed: call_2 {tool} was cut off 3 times and is not tried again.", Told.Of(enough)[5]);
    }

    [Fact]
    [Trait("Accepts", "F8.4")]
    public async Task Before_its_gate_was_closed_is_tried_again_only_with_leave()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(_outside.Store.Gated()), new ScriptedModel(TestAgents.Done));

        var log = await bench.Recover(await bench.Found(Cut("store")));

        Assert.Equal("approval: Run store with item book?", Told.Asked(log));
        Assert.Empty(_outside.Done);
        await bench.Answer(log, approved: true);
        Assert.Equal(["store book call_2"], _outside.Done);
    }

    [Fact]
    public async Task Whose_tool_is_gone_fails_clearly()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), new ScriptedModel(TestAgents.Done));

        Assert.Equal("tool failed: call_2 pay is no longer a tool of this agent.", Told.Of(await bench.Recover(await bench.Found(Cut("pay"))))[3]);
    }

    [Fact]
    public async Task A_tool_that_cannot_tell_what_happened_leaves_a_doubt()
    {
        var pay = TestAgents.Tool("pay", Effect.Effectful, string (_) => throw new OutcomeUnknownException("the bank hung up"));
        await using var bench = new AgentBench(TestAgents.Clerk(pay), new ScriptedModel(TestAgents.Step("pay", "book")));

        Assert.Equal("in_doubt: pay was cut off and nobody knows whether it happened. What became of it?\nthe bank hung up\nArguments: {\"item\":\"book\"}\nAttempt: 1",
            Told.Asked(await bench.Start("x")));
    }

    [Theory]
    [InlineData(Effect.ReadOnly)]
    [InlineData(Effect.Idempotent)]
    [Trait("Accepts", "F8.7")]
    public async Task Whose_tool_cannot_tell_what_happened_and_does_no_harm_runs_again_and_asks_nobody(Effect effect)
    {
        var lost = 1;
        var look = TestAgents.Tool("look", effect, call => lost-- > 0 ? throw new OutcomeUnknownException("the line went dead") : $"\"seen at attempt {call.Attempt}\"");
        await using var bench = new AgentBench(TestAgents.Clerk(look), new ScriptedModel(TestAgents.Step("look", "book"), TestAgents.Done, TestAgents.Step("look", "desk"), TestAgents.Done));

        Told.Is(await bench.Start("x"),
            """started: {"message":"x"}""", """chosen: look {"item":"book"}""", "tool started: call_2, attempt 1", "tool started: call_2, attempt 2",
            "tool returned: call_2 \"seen at attempt 2\"", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");

        lost = 3;
        Assert.Equal("tool failed: call_2 the line went dead", Told.Of(await bench.Start("x"))[5]);
    }

    private ThreadEvent[] Cut(string tool) =>
    [
        Logs.Started("""{"message":"x"}""") with { Agent = "clerk", Definition = Definition.Of(_outside.Clerk).Hash },
        Logs.Chose(tool, """{"item":"book"}"""), Logs.Began(2),
    ];
}
