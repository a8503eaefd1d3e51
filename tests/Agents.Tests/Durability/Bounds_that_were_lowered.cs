using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Chains;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>
/// A log that waits is longer than the bound by more than is kept free for what follows an answer at once. What it waits
/// for is taken all the same, and then it ends.
/// </summary>
public sealed class Bounds_that_were_lowered
{
    private const string Ask = """{"intent":"request_more_information","message":"Which?"}""";
    private const string Full = "failed: The thread has reached 10 events. Start a new one. (Setting max_thread_events)";

    [Theory]
    [Trait("Accepts", "R.11")]
    // What follows is a question about a limit, or the next step of the rules.
    [InlineData(1)]
    [InlineData(20)]
    public async Task An_answer_is_taken_whatever_follows_it_at_once(int steps)
    {
        var clerk = TestAgents.Clerk() with { Rules = _ => Ask, Limits = new(Steps: steps) };
        await using var bench = new AgentBench(clerk, new RulesModel(), bounds: new(Events: 10));
        await using var before = bench.Beside();
        var id = await before.Found([
            Logs.Started("""{"message":"x"}""") with { Agent = "clerk", Definition = Definition.Of(clerk).Hash },
            Logs.Chose("request_more_information", """{"message":"Which?"}"""), Logs.Asked(RequestKind.Question), .. Refused(3)]);

        Told.Ends(await bench.Answer(bench.Store.Read(id), response: "large"), "answered: \"large\"", Full);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    [Trait("Accepts", "D.5")]
    public async Task A_caller_is_told_how_its_child_ended_whatever_follows_from_it_at_once()
    {
        var agents = Crew.BossAndWorker();
        await using var bench = new AgentBench(
            [agents[0] with { Rules = log => log.Events.Count == 1 ? Crew.CallWorker : Ask }, agents[1] with { Rules = log => log.Events.Count == 1 ? Ask : TestAgents.Done }],
            new RulesModel(), bounds: new(Events: 10));
        await using var before = bench.Beside();
        var boss = await before.Start("x");
        await before.Store.Append(boss, [.. Refused(4)]);

        var worker = await bench.Answer(before.ChildOf(boss), response: "here");

        Assert.Equal(ThreadStatus.Completed, worker.Thread.Status);
        Told.Ends(await bench.Settle(boss.Thread.Id), "answered:", """tool returned: call_2 {"message":"done"}""", Full);
    }

    private static IEnumerable<ThreadEvent> Refused(int request) =>
        Enumerable.Repeat(new AnswerRefused(Logs.At, new(request), "model", "mcp", "only a person may answer this"), 110);
}
