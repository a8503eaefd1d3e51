using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Errors;

public sealed class Trouble_with_the_model
{
    [Fact]
    [Trait("Accepts", "F9.6")]
    public async Task That_cannot_pass_fails_the_thread_with_the_reason()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel(new ModelException("The key was refused (401).", mayPass: false)));

        var log = await bench.Start("x");

        Told.Is(log, """started: {"message":"x"}""", "failed: The key was refused (401).");
        Assert.Empty(log.Thread.ErrorsInRow);
    }

    [Fact]
    [Trait("Accepts", "F9.6")]
    public async Task That_may_pass_pauses_the_thread_and_none_of_it_enters_the_context()
    {
        var model = new ScriptedModel(new ModelException("The provider is overloaded (529).", mayPass: true), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Calculator, model);

        var log = await bench.Start("x");
        Assert.Equal("budget: The provider is overloaded (529). Shall calculator try again?", Told.Asked(log));
        log = await bench.Answer(log, approved: true);

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal(model.Prompts[0], model.Prompts[1]);
    }

    [Fact]
    [Trait("Accepts", "F9.6")]
    public async Task Is_not_tried_again_because_nobody_answered()
    {
        var model = new ScriptedModel(new ModelException("The provider is overloaded (529).", mayPass: true), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Calculator with { People = new(ExpiresAfter: TimeSpan.FromHours(1)) }, model);
        var log = await bench.Start("x");
        bench.Clock.Advance(TimeSpan.FromDays(1));

        log = await bench.Recover(log.Thread.Id);

        Told.Ends(log, """started: {"message":"x"}""", "budget: The provider is overloaded (529). Shall calculator try again?");
        Assert.Equal((1, null), (model.Calls, log.Thread.OpenRequests[0].Asked.DueAt));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_defect_in_the_model_fails_the_thread_and_not_the_process()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel(new FormatException("not expected\nby anybody"), TestAgents.Done));

        Told.Ends(await bench.Start("x"), "failed: An internal error ended the run: not expected");
        Assert.Equal(ThreadStatus.Completed, (await bench.Start("y")).Thread.Status);
    }
}
