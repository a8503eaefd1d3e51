using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Chains;

public sealed class Gates_hold_in_a_chain
{
    private static readonly Responder Person = new("mia", "inbox", IsHuman: true);
    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "F8.4")]
    public async Task Delegating_does_not_open_the_gate_of_the_child_and_one_answer_at_the_root_does()
    {
        await using var bench = new AgentBench(Crew.Three(_outside.Deploy), Deploying);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        Assert.Empty(_outside.Done);

        await bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, approved: true, null, null);

        root = await bench.SettleTree(root.Thread.Id);
        Assert.Equal(ThreadStatus.Completed, root.Thread.Status);
        Assert.Equal(["deploy site call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "F8.3")]
    public async Task A_rejection_at_the_root_reaches_the_agent_that_asked()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(_outside.Deploy), Deploying);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        var child = bench.ChildOf(root).Thread.Id;

        await bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, approved: false, null, "not today");

        Assert.Equal(ThreadStatus.Completed, (await bench.SettleTree(root.Thread.Id)).Thread.Status);
        Assert.Equal("answered: no (not today)", Told.Of(bench.Store.Read(child))[3]);
        Assert.Empty(_outside.Done);
    }

    [Theory]
    [Trait("Accepts", "P.2")]
    [InlineData("the agent that calls")]
    [InlineData("the tool that calls")]
    [InlineData("the agent that is called")]
    [InlineData("the agent above both")]
    public async Task Whoever_in_the_chain_wants_a_person_gets_one(string strict)
    {
        var agents = Crew.Three(_outside.Deploy);
        agents = strict switch
        {
            "the agent that calls" => [agents[0], agents[1] with { People = AnswerableBy.Human }, agents[2]],
            "the tool that calls" => [agents[0], agents[1] with { Intents = [.. agents[1].Intents.Select(intent => intent is Tool tool ? tool with { AnswerableBy = AnswerableBy.Human } : intent)] }, agents[2]],
            "the agent that is called" => [agents[0], agents[1], agents[2] with { People = AnswerableBy.Human }],
            _ => [agents[0] with { People = AnswerableBy.Human }, agents[1], agents[2]],
        };
        await using var bench = new AgentBench(agents, Deploying);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);
        var worker = bench.Host.Chain(root.Thread.Id, "mia")[^1];
        Assert.Equal(("worker", AnswerableBy.Human), (worker.Thread.Start.Agent, worker.Thread.OpenRequests[0].Asked.AnswerableBy));

        foreach (var at in worker.Thread.Path)
        {
            Assert.Equal(RefusalCode.HumanRequired, (await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Answer(at, AgentBench.Me, null, true, null, null))).Code);
        }

        // A copy of the child is under the same policy, although nobody calls it.
        var copy = await bench.Host.Fork(worker.Thread.Id, 3, AgentBench.Me);
        Assert.Equal(RefusalCode.HumanRequired, (await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Answer(copy, AgentBench.Me, null, true, null, null))).Code);
        Assert.Empty(_outside.Done);

        await bench.Host.Answer(root.Thread.Id, Person, null, true, null, null);
        Assert.Equal(ThreadStatus.Completed, (await bench.SettleTree(root.Thread.Id)).Thread.Status);
        Assert.Equal(["deploy site call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "P.2")]
    public async Task What_was_in_force_when_the_child_was_called_stays_in_force()
    {
        var agents = Crew.BossAndWorker(_outside.Deploy);
        await using var strict = new AgentBench(agents, Crew.Plays(("boss", [Crew.CallWorker, TestAgents.Done]),
            ("worker", ["""{"intent":"request_more_information","message":"Where?"}""", TestAgents.Step("deploy", "site"), TestAgents.Done])), AnswerableBy.Human);
        var root = await strict.SettleTree((await strict.Start("x")).Thread.Id);

        await using var lenient = await strict.Restart(approvals: AnswerableBy.Caller);
        await lenient.Host.Answer(root.Thread.Id, Person, null, null, State.Json.JsonText.Of("here"), null);
        var child = lenient.ChildOf(await lenient.SettleTree(root.Thread.Id));

        Assert.Equal((RequestKind.Approval, AnswerableBy.Human), (child.Thread.OpenRequests[0].Asked.Kind, child.Thread.OpenRequests[0].Asked.AnswerableBy));
    }

    [Fact]
    [Trait("Accepts", "A2H.5")]
    public async Task Who_may_answer_for_the_caller_may_answer_for_the_child_and_nobody_else()
    {
        var agents = Crew.BossAndWorker(_outside.Deploy);
        await using var bench = new AgentBench([agents[0] with { People = new(Responders: ["ravi"]) }, agents[1]], Deploying);
        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, true, null, null));

        Assert.StartsWith("Only ravi may answer", refused.Message, StringComparison.Ordinal);
    }

    private static LogModel Deploying => Crew.Plays(
        ("chief", [Crew.Call("boss"), TestAgents.Done]), ("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("deploy", "site"), TestAgents.Done]));
}
