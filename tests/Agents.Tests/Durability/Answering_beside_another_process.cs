using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>What is known here of a thread may be the past: an append finds out, and nothing else is based on it.</summary>
public sealed class Answering_beside_another_process
{
    private readonly Outside _outside = new();

    [Fact]
    public async Task What_was_answered_elsewhere_is_not_answered_again()
    {
        await using var here = new AgentBench(_outside.Clerk, new ScriptedModel(TestAgents.Step("deploy", "v2")));
        var asked = await here.Start("deploy v2");
        await using var there = here.Beside(new ScriptedModel(TestAgents.Done));
        var answered = await there.Answer(asked, approved: false, comment: "not today");

        var refused = await Assert.ThrowsAsync<RefusedException>(() => here.Host.Answer(asked.Thread.Id, AgentBench.Me, asked.Thread.OpenRequests[0].Id, approved: true, null, null));

        Assert.Equal(RefusalCode.AlreadyAnswered, refused.Code);
        Assert.Empty(_outside.Done);
        Assert.Equal(answered.Events, here.Store.Read(asked.Thread.Id).Events);
    }

    [Fact]
    public async Task What_waits_for_something_else_by_now_is_answered_as_it_is_now()
    {
        await using var here = new AgentBench(_outside.Clerk, new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Done));
        var asked = await here.Start("deploy v2");
        await using var there = here.Beside(new ScriptedModel(TestAgents.Step("deploy", "v3")));
        var again = await there.Answer(asked, approved: false, comment: "ship v3 instead");

        // Without a name the open request is meant: the one that is open now.
        await here.Host.Answer(asked.Thread.Id, AgentBench.Me, null, approved: true, null, null);
        var log = await here.Settle(asked.Thread.Id);

        Assert.Equal(["deploy v3 call_5"], _outside.Done);
        Assert.Equal(again.Thread.OpenRequests[0].Id, Assert.IsType<RequestAnswered>(log.Events[again.Thread.Version]).Request);
    }

    [Fact]
    public async Task What_was_cancelled_elsewhere_stays_so()
    {
        await using var here = new AgentBench(_outside.Clerk, new ScriptedModel(TestAgents.Step("deploy", "v2")));
        var asked = await here.Start("deploy v2");
        await using var there = here.Beside();
        await there.Host.Cancel(asked.Thread.Id, AgentBench.Me, "enough");

        await Assert.ThrowsAsync<RefusedException>(() => here.Host.Answer(asked.Thread.Id, AgentBench.Me, null, approved: true, null, null));

        Assert.Empty(_outside.Done);
        Assert.Equal(ThreadStatus.Cancelled, here.Store.Read(asked.Thread.Id).Thread.Status);
    }
}
