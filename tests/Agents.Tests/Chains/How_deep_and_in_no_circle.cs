using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Chains;

public sealed class How_deep_and_in_no_circle
{
    [Fact]
    [Trait("Accepts", "D.6")]
    public async Task An_agent_that_is_at_work_above_is_not_called_again()
    {
        var boss = Crew.Agent("boss", AgentAsTool.Of("worker", "Is worker.", Microagent.MessageSchema));
        var worker = Crew.Agent("worker", AgentAsTool.Of(boss));
        await using var bench = new AgentBench([boss, worker], Crew.Plays(
            ("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [Crew.Call("boss"), TestAgents.Done])));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Assert.Equal(ThreadStatus.Completed, root.Thread.Status);
        Assert.Equal("tool failed: call_2 boss cannot be called here: it is already at work in this run (boss -> worker -> boss)",
            Told.Of(bench.Store.Read(root.Events.OfType<RequestOpened>().Single().Child!.Value))[3]);
    }

    [Theory]
    [Trait("Accepts", "D.6")]
    [InlineData(5)]
    [InlineData(2)]
    public async Task Calls_go_as_deep_as_the_limit_and_no_deeper(int deepest)
    {
        var agents = Enumerable.Range(0, deepest + 2).Select(i => Crew.Agent($"a{i}", AgentAsTool.Of($"a{i + 1}", "Is next.", Microagent.MessageSchema))).ToArray();
        // Who is called cannot allow more than who calls.
        agents[0] = agents[0] with { Limits = new(Depth: deepest) };
        await using var bench = new AgentBench(agents, Crew.Plays(
            [.. agents.Select((agent, i) => (agent.Name, new[] { Crew.Call($"a{i + 1}"), TestAgents.Done }))]));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        var family = new State.Sqlite.ThreadSearch(bench.Database).Family(root.Thread.Id, 100);
        Assert.Equal(agents.Take(deepest + 1).Select(agent => agent.Name), family.Select(row => row.Agent).Order(StringComparer.Ordinal));
        var last = bench.Store.Read(ThreadId.Parse(family.Single(row => row.Agent == $"a{deepest}").ThreadId));
        Assert.Equal($"tool failed: call_2 a{deepest + 1} cannot be called here: agents may call each other {deepest} deep at most ({string.Join(" -> ", agents.Take(deepest + 1).Select(agent => agent.Name))})",
            Told.Of(last)[3]);
    }

    [Fact]
    public async Task An_agent_that_is_gone_is_a_clear_error()
    {
        await using var bench = new AgentBench([Crew.BossAndWorker()[0]], Crew.Plays(("boss", [Crew.CallWorker, TestAgents.Done])));

        var root = await bench.SettleTree((await bench.Start("x")).Thread.Id);

        Assert.Equal("tool failed: call_2 There is no agent 'worker'.", Told.Of(root)[3]);
    }
}
