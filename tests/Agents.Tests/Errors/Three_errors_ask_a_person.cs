using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Errors;

public sealed class Three_errors_ask_a_person
{
    private int _tries;

    private Tool Look => TestAgents.Tool("look", Effect.ReadOnly, string (_) => throw new ToolException($"no shop at {++_tries}"));

    [Fact]
    [Trait("Accepts", "F9.3")]
    [Trait("Accepts", "R.5")]
    public async Task And_there_is_no_fourth_model_call()
    {
        var model = new ScriptedModel(TestAgents.Step("look", "a"), "no JSON", TestAgents.Step("look", "c"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(Look), model);

        var log = await bench.Start("x");

        Assert.Equal(3, model.Calls);
        Told.Is(log,
            """started: {"message":"x"}""",
            """chosen: look {"item":"a"}""",
            "tool started: call_2, attempt 1",
            "tool failed: call_2 no shop at 1",
            "rejected: The reply is not a step. Reply with one JSON object that has an intent.",
            """chosen: look {"item":"c"}""",
            "tool started: call_6, attempt 1",
            "tool failed: call_6 no shop at 2",
            "question: clerk failed 3 times in a row. What should it do?");
        Assert.Equal("""
            question: clerk failed 3 times in a row. What should it do?
            1. look {"item":"a"}: no shop at 1
            2. a step that was rejected: The reply is not a step. Reply with one JSON object that has an intent.
            3. look {"item":"c"}: no shop at 2
            """, Told.Asked(log));
    }

    [Fact]
    [Trait("Accepts", "F9.4")]
    public async Task A_human_answer_resets_the_count_and_reaches_the_model()
    {
        var model = new ScriptedModel([.. Enumerable.Repeat(TestAgents.Step("look", "a"), 5), TestAgents.Done]);
        await using var bench = new AgentBench(TestAgents.Clerk(Look), model);

        var log = await bench.Answer(await bench.Start("x"), response: "try the other shop");

        Assert.Equal(6, model.Calls);
        Assert.Contains("<error>\nlook failed 3 times. The last time: no shop at 3\n</error>\n\n<human_response>\nresponse: try the other shop\nuser: mia\n</human_response>\n\nWhat is", model.Prompts[3].User, StringComparison.Ordinal);
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "F9.4")]
    public async Task A_success_resets_the_count()
    {
        var outside = new Outside();
        var fail = TestAgents.Step("look", "a");
        var model = new ScriptedModel(fail, fail, TestAgents.Step("store", "b"), fail, fail, TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(Look, outside.Store), model);

        Assert.Equal(ThreadStatus.Completed, (await bench.Start("x")).Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "F9.4")]
    public async Task A_restart_keeps_the_count()
    {
        var agent = TestAgents.Clerk(Look);
        var model = new ScriptedModel(TestAgents.Step("look", "c"), TestAgents.Done);
        await using var bench = new AgentBench(agent, model);
        var thread = await bench.Found(
        [
            Logs.Started("""{"message":"x"}""") with { Agent = "clerk", Definition = Definition.Of(agent).Hash },
            Logs.Chose("look", """{"item":"a"}"""), Logs.Began(2), Logs.Failed(2, "one"),
            Logs.Rejected("two"),
        ]);

        var log = await bench.Recover(thread);

        Assert.Equal(1, model.Calls);
        Assert.Equal("""
            question: clerk failed 3 times in a row. What should it do?
            1. look {"item":"a"}: one
            2. a step that was rejected: two
            3. look {"item":"c"}: no shop at 1
            """, Told.Asked(log));
    }
}
