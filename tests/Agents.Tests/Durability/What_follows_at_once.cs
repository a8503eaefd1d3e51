using System.Collections.Concurrent;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>What asks and touches nothing outside is stored with what led to it; everything else is begun only after that.</summary>
public sealed class What_follows_at_once
{
    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task Is_stored_in_one_commit_with_what_led_to_it()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new RulesModel());
        var commits = Commits(bench);

        var log = await bench.Start("divide 3 by 4");
        Assert.Equal(["request_opened 3"], commits);

        log = await bench.Answer(log, approved: true);
        Assert.Equal(["request_opened 3", "thread_completed 8"], commits);
        Assert.Equal("""completed: {"message":"The result is 0.75."}""", Told.Of(log)[^1]);
    }

    [Theory]
    [Trait("Accepts", "F6.1")]
    [InlineData(Effect.ReadOnly, 2)]
    [InlineData(Effect.Idempotent, 3)]
    [InlineData(Effect.Effectful, 3)]
    public async Task Ends_before_a_tool_that_may_look_or_reach_outside(Effect effect, int stored)
    {
        AgentBench? there = null;
        var seen = 0;
        var look = TestAgents.Tool("look", effect, call =>
        {
            seen = there!.Store.Read(call.Thread).Thread.Version;
            return "1";
        });
        var clerk = TestAgents.Clerk(look) with { Rules = log => log.Events.Count == 1 ? TestAgents.Step("look", "book") : TestAgents.Done };
        await using var bench = there = new AgentBench(clerk, new RulesModel());

        var log = await bench.Start("look");

        Assert.Equal((stored, ThreadStatus.Completed), (seen, log.Thread.Status));
    }

    [Fact]
    public async Task Is_left_to_the_run_when_it_goes_wrong_and_the_run_says_why()
    {
        var clerk = TestAgents.Clerk() with { Rules = _ => throw new InvalidOperationException("the table has a hole") };
        await using var bench = new AgentBench(clerk, new RulesModel());
        var commits = Commits(bench);

        Told.Is(await bench.Start("go"), """started: {"message":"go"}""", "failed: An internal error ended the run: the table has a hole");
        Assert.Equal(["thread_started 1", "thread_failed 2"], commits);
    }

    /// <summary>The last event of every commit from now on.</summary>
    private static ConcurrentQueue<string> Commits(AgentBench bench)
    {
        var commits = new ConcurrentQueue<string>();
        bench.Store.Appended += (id, version) => commits.Enqueue($"{TypeOf(bench.Store.Read(id).Events[version - 1])} {version}");
        return commits;
    }

    private static string TypeOf(ThreadEvent happened) => happened switch
    {
        ThreadStarted => "thread_started",
        RequestOpened => "request_opened",
        ThreadCompleted => "thread_completed",
        ThreadFailed => "thread_failed",
        _ => happened.GetType().Name,
    };
}
