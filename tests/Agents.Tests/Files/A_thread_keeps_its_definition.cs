using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Files;

public sealed class A_thread_keeps_its_definition
{
    private readonly Outside _outside = new();

    private static readonly string[] AskThenDeploy = ["""{"intent":"request_more_information","message":"Which?"}""", TestAgents.Step("deploy", "v2"), TestAgents.Done];

    [Fact]
    [Trait("Accepts", "F2.3")]
    public async Task A_changed_prompt_and_tool_list_hold_for_new_threads_only()
    {
        var model = new ScriptedModel(AskThenDeploy[0], AskThenDeploy[2], TestAgents.Done);
        await using var first = new AgentBench(_outside.Clerk, model);
        var log = await first.Start("x");
        var changed = new Microagent("clerk", "Does less.", Microagent.MessageSchema, Microagent.MessageSchema, "You are new.",
            [.. _outside.Clerk.Intents.Reverse(), new Done("stop", "Stop.", Microagent.MessageSchema)], new Limits(Steps: 1));

        await using var bench = await first.Restart(agent: changed);
        log = await bench.Answer(log, response: "that one");

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal("You are clerk.", model.Prompts[1].System);
        Assert.Equal(model.Prompts[0].Schema, model.Prompts[1].Schema);
        await bench.Start("y");
        Assert.Equal("You are new.", model.Prompts[2].System);
    }

    [Theory]
    [Trait("Accepts", "F8.4")]
    [InlineData(Route.Run, Route.Approve, "approval: Run deploy with item v2?")]
    [InlineData(Route.Run, Route.Delegate, "external_result: Please do deploy and answer with its result.")]
    [InlineData(Route.Approve, Route.Run, "approval: Run deploy with item v2?")]
    [InlineData(Route.Delegate, Route.Approve, "external_result: Please do deploy and answer with its result.")]
    [InlineData(Route.DryRun, Route.Approve, """completed: {"message":"done"}""")]
    [InlineData(Route.Approve, Route.DryRun, """completed: {"message":"done"}""")]
    public async Task But_a_gate_that_was_closed_since_holds_and_one_that_was_opened_does_not(Route was, Route now, string end)
    {
        await using var first = new AgentBench(TestAgents.Clerk(_outside.Deploy with { Route = was }), new ScriptedModel(AskThenDeploy));
        var log = await first.Start("x");

        await using var bench = await first.Restart(agent: TestAgents.Clerk(_outside.Deploy with { Route = now }));
        log = await bench.Answer(log, response: "v2");

        Told.Ends(log, end);
        Assert.Empty(_outside.Done);
    }

    [Theory]
    [Trait("Accepts", "P.2")]
    [InlineData(AnswerableBy.Caller, AnswerableBy.Human)]
    [InlineData(AnswerableBy.Human, AnswerableBy.Caller)]
    public async Task And_so_does_who_may_answer(AnswerableBy was, AnswerableBy now)
    {
        await using var first = new AgentBench(_outside.Clerk with { People = was }, new ScriptedModel(AskThenDeploy));
        var log = await first.Start("x");

        await using var bench = await first.Restart(agent: _outside.Clerk with { People = now });
        await bench.Host.Answer(log.Thread.Id, AgentBench.Me with { IsHuman = true }, null, null, JsonText.Of("v2"), null);
        log = await bench.Settle(log.Thread.Id);

        Assert.Equal((RequestKind.Approval, AnswerableBy.Human), (log.Thread.OpenRequests[0].Asked.Kind, log.Thread.OpenRequests[0].Asked.AnswerableBy));
    }
}
