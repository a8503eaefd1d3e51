using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Context;

public sealed class Without_a_verdict_a_person_decides
{
    private readonly Outside _outside = new();

    private Microagent Judged(Judge? judge = null) => _outside.Clerk with { Context = new() { Judge = judge ?? new("You judge.") } };

    [Theory]
    [Trait("Accepts", "J.4")]
    [InlineData("deploy", "approval: The judge gave no verdict on this. Run deploy with item a?")]
    [InlineData("pay", "approval: The judge gave no verdict on this. Run pay with item a?")]
    [InlineData("store", "approval: The judge gave no verdict on this. Run store with item a?")]
    [InlineData("look", null)]
    public async Task What_may_change_something_and_a_look_goes_on(string tool, string? asked)
    {
        var judge = new Judge("You judge.", AppliesTo: ["deploy", "pay", "store", "look"]);
        await using var bench = new AgentBench(Judged(judge), new ScriptedModel(TestAgents.Step(tool, "a"), new ModelException("The model is overloaded.", mayPass: true), TestAgents.Done));

        var log = await bench.Start("x");

        Assert.Equal("judged: call_2 none (The model is overloaded.)", Told.Of(log)[2]);
        if (asked is not null)
        {
            Assert.Equal((asked, 0), (Told.Of(log)[3], _outside.Done.Count));
            log = await bench.Answer(log, approved: true);
        }

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal([$"{tool} a call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "J.4")]
    public async Task A_judge_that_does_not_answer_in_time_has_given_no_verdict()
    {
        var judge = Judge.InCode((_, _) => new TaskCompletionSource<Judgement>().Task) with { Timeout = TimeSpan.FromSeconds(9) };
        await using var bench = new AgentBench(Judged(judge), new ScriptedModel(TestAgents.Step("pay", "a")));

        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await bench.Clock.Waited(TimeSpan.FromSeconds(9));
        bench.Clock.Advance(TimeSpan.FromSeconds(9));

        Told.Ends(await bench.Settle(id), "judged: call_2 none (it did not answer within 9 s)", "approval: The judge gave no verdict on this. Run pay with item a?");
    }

    [Fact]
    [Trait("Accepts", "J.4")]
    public async Task A_reply_that_is_no_verdict_is_none()
    {
        await using var bench = new AgentBench(Judged(), new ScriptedModel(TestAgents.Step("pay", "a"), "Looks good to me!"));

        Assert.Equal("judged: call_2 none (The reply is not a step. Reply with one JSON object that has an intent.)", Told.Of(await bench.Start("x"))[2]);
    }

    [Fact]
    [Trait("Accepts", "J.4")]
    public async Task What_is_left_of_the_limits_must_be_enough_for_a_verdict()
    {
        var model = new ScriptedModel(TestAgents.Step("pay", "a"), TestAgents.Done);
        await using var bench = new AgentBench(Judged() with { Limits = new(Tokens: 1000) }, new CostlyModel(model, most: new(500, 100), taken: new(450, 50)));

        var log = await bench.Start("buy");

        Told.Ends(log, "judged: call_2 none (it may take more than is left of the thread's limits)", "approval: The judge gave no verdict on this. Run pay with item a?");
        Assert.Equal(1, model.Calls);
    }
}
