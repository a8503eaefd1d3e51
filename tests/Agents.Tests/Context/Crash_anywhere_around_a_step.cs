using AgentMcp.Agents.Context;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Context;

/// <summary>
/// One run that fetches ahead, is judged, shortens a result and summarises its past is stopped at every version of its
/// log and picked up by a process that knows nothing but the log. What was stored is not done again, what was not is.
/// </summary>
public sealed class Crash_anywhere_around_a_step
{
    private static readonly string Much = string.Join(' ', Enumerable.Range(1, 150).Select(i => $"book{i}"));

    private static readonly string[] Steps =
    [
        TestAgents.Step("look", "a"), TestAgents.Step("pay", "dear"), TestAgents.Step("pay", "cheap"), TestAgents.Step("look", "b"),
        """{"intent":"request_more_information","message":"Enough?"}""", TestAgents.Step("look", "c"), TestAgents.Done,
    ];

    private static Tool Look => TestAgents.Tool("look", Effect.ReadOnly, call => $$"""{"title":"{{call.Arguments.Element().GetProperty("item").GetString()}} {{Much}}"}""");

    private static Tool Pay => TestAgents.Tool("pay", Effect.Effectful, _ => "\"paid\"");

    private static Microagent Clerk => TestAgents.Clerk(Look, Pay) with
    {
        Context = new()
        {
            Prefetch = [new("look", JsonText.Parse("""{"item":"shelf"}"""))],
            Judge = Judge.InCode((proposal, _) => Task.FromResult(proposal.Arguments.Text.Contains("dear", StringComparison.Ordinal)
                ? new Judgement(Verdict.Fail, "too dear")
                : new Judgement(Verdict.Pass, "cheap"))),
            SummariseOver = 200,
            Budget = 700,
            KeepLast = 3,
        },
    };

    [Fact]
    [Trait("Accepts", "F12.2")]
    [Trait("Accepts", "S.3")]
    public async Task Goes_on_to_the_same_end_with_the_same_events()
    {
        await using var first = new AgentBench(Clerk, LogModel.Of(Steps));
        var whole = await Finish(first, await first.Start("x"));
        Assert.Equal((2, 2, 6), (whole.Events.OfType<Fetched>().Count(), whole.Events.OfType<StepJudged>().Count(), whole.Events.OfType<Summarised>().Count()));
        Assert.Equal(1, whole.Events.OfType<Summarised>().Count(e => e.From != e.To));

        foreach (var version in Enumerable.Range(1, whole.Events.Count).Where(version => whole.Events[version - 1] is not ToolStarted))
        {
            await using var bench = new AgentBench(Clerk, LogModel.Of(Steps));
            var log = await Finish(bench, await bench.Recover(await bench.Found(whole.Events.Take(version))));

            Assert.Equal(Told.Stored(whole), Told.Stored(log));
        }
    }

    private static async Task<ThreadLog> Finish(AgentBench bench, ThreadLog log)
    {
        while (log.Thread.Status == ThreadStatus.Pending)
        {
            log = await bench.Answer(log, response: "yes");
        }

        return log;
    }
}
