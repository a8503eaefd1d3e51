using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>
/// One run that looks, stores, pays and deploys is stopped at every version of its log and picked up by a process
/// that knows nothing but the log. Whatever was cut off, no effect that may not happen twice happens twice unasked.
/// </summary>
public sealed class Crash_anywhere
{
    private static readonly string[] Steps =
    [
        TestAgents.Step("look", "a"), TestAgents.Step("store", "b"), TestAgents.Step("pay", "c"), "no JSON", TestAgents.Step("deploy", "d"),
        """{"intent":"await","seconds":30}""", """{"intent":"request_more_information","message":"Enough?"}""", TestAgents.Done,
    ];

    private static readonly string[] Whole =
    [
        """started: {"message":"x"}""",
        """chosen: look {"item":"a"}""", "tool started: call_2, attempt 1", """tool returned: call_2 {"did":"look a"}""",
        """chosen: store {"item":"b"}""", "tool started: call_5, attempt 1", """tool returned: call_5 {"did":"store b"}""",
        """chosen: pay {"item":"c"}""", "tool started: call_8, attempt 1", """tool returned: call_8 {"did":"pay c"}""",
        "rejected: The reply is not a step. Reply with one JSON object that has an intent.",
        """chosen: deploy {"item":"d"}""", "approval: Run deploy with item d?", "answered: yes", "tool started: call_12, attempt 1", """tool returned: call_12 {"did":"deploy d"}""",
        """chosen: await {"seconds":30}""", "sleep: Waits for 30 s.", "sleep ended",
        """chosen: request_more_information {"message":"Enough?"}""", "question: Enough?", "answered: \"yes\"",
        """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""",
    ];

    public static TheoryData<int> Versions() => [.. Enumerable.Range(1, Whole.Length)];

    [Fact]
    public async Task The_run_that_nothing_disturbs()
    {
        var outside = new Outside();
        await using var bench = new AgentBench(outside.Clerk, LogModel.Of(Steps));

        Told.Is(await Finish(bench, await bench.Start("x")), Whole);
        Assert.Equal(["look a call_2", "store b call_5", "pay c call_8", "deploy d call_12"], outside.Done);
    }

    [Theory]
    [Trait("Accepts", "F8.7")]
    [Trait("Accepts", "F12.2")]
    [Trait("Accepts", "R.3")]
    [Trait("Accepts", "R.6")]
    [Trait("Accepts", "R.10")]
    [MemberData(nameof(Versions))]
    public async Task Goes_on_to_the_same_end(int version)
    {
        var undisturbed = new Outside();
        await using var first = new AgentBench(undisturbed.Clerk, LogModel.Of(Steps));
        var whole = await Finish(first, await first.Start("x"));
        var outside = new Outside();
        await using var bench = new AgentBench(outside.Clerk, LogModel.Of(Steps));
        var prefix = whole.Events.Take(version).ToList();
        bench.Clock.Advance(prefix[^1].At - bench.Clock.GetUtcNow());
        var id = await bench.Found(prefix);

        var log = await Finish(bench, await bench.Recover(id));

        if (prefix[^1] is not ToolStarted cut)
        {
            Assert.Equal(Told.Stored(whole), Told.Stored(log));
            Assert.Equal(undisturbed.Done.Skip(prefix.OfType<ToolReturned>().Count()), outside.Done);
            return;
        }

        var intent = ((StepChosen)whole.Events[cut.Call.Version - 1]).Intent;
        string[] between = intent is "pay" or "deploy"
            ? [$"in_doubt: {intent} was cut off and nobody knows whether it happened. What became of it?", """answered: {"outcome":"done","result":"a person looked"}""", $"tool returned: {cut.Call} \"a person looked\""]
            : [$"tool started: {cut.Call}, attempt 2", Whole[version]];
        Assert.Equal([.. Whole.Take(version), .. between], Told.Of(log).Take(version + between.Length));
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal(
            undisturbed.Done.SkipWhile(done => !done.StartsWith(intent, StringComparison.Ordinal)).Skip(intent is "pay" or "deploy" ? 1 : 0).Select(WithoutKey),
            outside.Done.Select(WithoutKey));
    }

    // The doubt and its answer move what follows to later versions, and so to other keys.
    private static string WithoutKey(string done) => done[..done.LastIndexOf(' ')];

    // What a patient person does: says yes, answers, waits, and tells of a doubt that it happened.
    private static async Task<ThreadLog> Finish(AgentBench bench, ThreadLog log)
    {
        while (log.Thread.OpenRequests is [var open])
        {
            log = open.Asked.Kind switch
            {
                RequestKind.Approval => await bench.Answer(log, approved: true),
                RequestKind.InDoubt => await bench.AnswerJson(log, null, JsonText.Parse("""{"outcome":"done","result":"a person looked"}""")),
                RequestKind.Sleep => await Wake(bench, log),
                _ => await bench.Answer(log, response: "yes"),
            };
        }

        return log;
    }

    private static async Task<ThreadLog> Wake(AgentBench bench, ThreadLog log)
    {
        if (log.Thread.OpenRequests[0].Asked.DueAt > bench.Clock.GetUtcNow())
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        return await bench.Recover(log.Thread.Id);
    }
}
