using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

public sealed class Agents_hold_nothing
{
    private static readonly string[] Steps =
        [TestAgents.Step("look", "a"), "no JSON", TestAgents.Step("deploy", "b"), """{"intent":"request_more_information","message":"Enough?"}""", TestAgents.Done];

    [Fact]
    [Trait("Accepts", "F12.1")]
    public async Task Two_interleaved_threads_log_the_same_as_each_alone()
    {
        var agent = new Outside().Clerk;
        await using var alone = new AgentBench(agent, LogModel.Of(Steps));
        var only = await Through(alone, await alone.Start("x"));

        await using var bench = new AgentBench(agent, LogModel.Of(Steps));
        var (one, two) = (await bench.Start("x"), await bench.Start("x"));
        one = await bench.Answer(one, approved: true);
        two = await bench.Answer(two, approved: true);
        two = await bench.Answer(two, response: "yes");
        one = await bench.Answer(one, response: "yes");

        Assert.Equal(Told.Stored(only), Told.Stored(one));
        Assert.Equal(Told.Stored(only), Told.Stored(two));
    }

    [Fact]
    [Trait("Accepts", "F12.1")]
    public async Task Nor_do_many_at_once()
    {
        await using var bench = new AgentBench(new Outside().Clerk, LogModel.Of(Steps));

        var logs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await Through(bench, await bench.Start("x")))));

        Assert.Single(logs.Select(log => string.Join("\n", Told.Stored(log))).Distinct());
    }

    [Fact]
    [Trait("Accepts", "F12.2")]
    [Trait("Accepts", "F12.3")]
    public async Task Replaying_what_was_recorded_gives_the_identical_log()
    {
        await using var bench = new AgentBench(new Outside().Clerk, LogModel.Of(Steps));
        var recorded = await Through(bench, await bench.Start("x"));
        var replies = recorded.Events.Select(e => e switch
        {
            StepChosen chosen => chosen.Arguments.Text.Insert(1, $"\"intent\":\"{chosen.Intent}\",").Replace(",}", "}", StringComparison.Ordinal),
            StepRejected rejected => (object?)rejected.Reply,
            _ => null,
        }).OfType<object>().ToArray();
        await using var again = new AgentBench(new Outside().Clerk, new ScriptedModel(replies));

        Assert.Equal(Told.Stored(recorded), Told.Stored(await Through(again, await again.Start("x"))));
    }

    private static async Task<ThreadLog> Through(AgentBench bench, ThreadLog log) =>
        await bench.Answer(await bench.Answer(log, approved: true), response: "yes");
}
