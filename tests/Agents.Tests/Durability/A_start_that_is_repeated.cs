using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Chains;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>What was started is found again, also where it could not be started today.</summary>
public sealed class A_start_that_is_repeated
{
    public enum Since
    {
        ItsFileIsGone,
        ItTakesAnotherInput,
        AServerItListsIsAway,
        ItsCallerListsItNoMore,
    }

    [Theory]
    [Trait("Accepts", "R.11")]
    [Trait("Accepts", "D.5")]
    [InlineData(Since.ItsFileIsGone)]
    [InlineData(Since.ItTakesAnotherInput)]
    [InlineData(Since.AServerItListsIsAway)]
    [InlineData(Since.ItsCallerListsItNoMore)]
    public async Task Of_a_child_is_a_wait_for_the_one_there_is(Since since)
    {
        var agents = Crew.BossAndWorker();
        var first = new AgentBench(agents, Crew.Plays(("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Done])));
        var id = await CutOff(first);

        await using var second = first.Crash(agents: since == Since.ItsCallerListsItNoMore ? [Crew.Agent("boss"), agents[1]]
            : Today(agents[1], since) is { } worker ? [agents[0], worker] : [agents[0]]);
        while (await second.Runner.Recover() > 0)
        {
            await second.SettleTree(id);
        }

        Assert.Equal(
            ["tool started: call_2, attempt 1", "tool started: call_2, attempt 2", "child: Waits for worker.", "answered:", """tool returned: call_2 {"message":"done"}"""],
            Told.Of(second.Store.Read(id)).Skip(2).Take(5));
        Assert.Equal(2, new ThreadSearch(second.Database).Family(id, 10).Count);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Of_a_child_whose_log_cannot_be_read_here_is_a_wait_for_it_too()
    {
        var first = new AgentBench(Crew.BossAndWorker(new Outside().Deploy), Crew.Plays(("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("deploy", "site")])));
        var id = await CutOff(first);
        await using var second = first.Crash();
        var family = new ThreadSearch(second.Database).Family(id, 10);
        One_thread_in_trouble.Spoil(second, second.Store.Read(ThreadId.Parse(family[1].ThreadId)));

        var log = await second.Recover(id);

        Told.Is(log, """started: {"message":"x"}""", """chosen: worker {"message":"dig"}""",
            "tool started: call_2, attempt 1", "tool started: call_2, attempt 2", "child: Waits for worker.");
        Assert.Equal([family[1].ThreadId], log.Thread.Children.Select(child => child.Value));
        Assert.Equal(2, new ThreadSearch(second.Database).Family(id, 10).Count);
    }

    [Theory]
    [Trait("Accepts", "W.7")]
    [InlineData(Since.ItsFileIsGone)]
    [InlineData(Since.ItTakesAnotherInput)]
    [InlineData(Since.AServerItListsIsAway)]
    public async Task Under_its_key_gets_its_thread(Since since)
    {
        await using var first = new AgentBench(TestAgents.Clerk(), new ScriptedModel("""{"intent":"request_more_information","message":"Which?"}"""));
        var id = await first.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me, "once");
        await first.Settle(id);
        await using var other = first.Beside(agent: Today(TestAgents.Clerk(), since) ?? TestAgents.Calculator);

        var again = await other.Host.Launch("clerk", AgentBench.Message("x"), AgentBench.Me, "once");

        Assert.Equal((id, "question: Which?"), (again.Thread.Id, Told.Asked(again)));
        await Assert.ThrowsAsync<RefusedException>(() => other.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me, "another"));
    }

    // A broken disk rather than a refusal: the process is gone before the caller has said that it waits for its child.
    private static async Task<ThreadId> CutOff(AgentBench first)
    {
        using var disk = first.Database.Connect();
        disk.Execute("CREATE TRIGGER cut BEFORE INSERT ON events WHEN json_extract(NEW.data, '$.kind') = 'child' BEGIN SELECT json_extract('{', '$'); END");
        var id = await first.Host.Start("boss", AgentBench.Message("x"), AgentBench.Me);
        await Record.ExceptionAsync(() => first.SettleTree(id));
        await Record.ExceptionAsync(() => first.Runner.Stop(TimeSpan.Zero));
        disk.Execute("DROP TRIGGER cut");
        return id;
    }

    private static Microagent? Today(Microagent agent, Since since) => since switch
    {
        Since.ItTakesAnotherInput => agent with { Input = JsonText.Parse("""{"type":"object","properties":{"depth":{"type":"number"}},"required":["depth"]}""") },
        Since.AServerItListsIsAway => agent with { Intents = [.. agent.Intents, ServerTools.Parse("far.dig")] },
        _ => null,
    };
}
