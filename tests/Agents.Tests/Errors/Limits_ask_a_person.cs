using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Errors;

public sealed class Limits_ask_a_person
{
    private readonly Outside _outside = new();

    private Microagent Clerk => _outside.Clerk with { Limits = new(Steps: 3) };

    private static object[] Looks(int count) => [.. Enumerable.Range(1, count).Select(i => (object)TestAgents.Step("look", $"{i}"))];

    [Fact]
    [Trait("Accepts", "F10.1")]
    [Trait("Accepts", "R.5")]
    public async Task A_model_that_always_reads_stops_at_the_cap()
    {
        var model = new ScriptedModel(Looks(20));
        await using var bench = new AgentBench(Clerk, model);

        var log = await bench.Start("x");

        Assert.Equal((3, ThreadStatus.Pending), (model.Calls, log.Thread.Status));
        Assert.Equal("""
            budget: clerk has taken 3 steps and is not done. May it take 3 more?
            Its last steps:
            - look {"item":"1"}: {"did":"look 1"}
            - look {"item":"2"}: {"did":"look 2"}
            - look {"item":"3"}: {"did":"look 3"}
            """, Told.Asked(log));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task A_step_that_the_judge_turned_down_is_among_those_they_are_told_of()
    {
        var model = new ScriptedModel(
            TestAgents.Step("pay", "dear"), """{"intent":"judge","verdict":"fail","reason":"nobody asked for the dear one"}""", TestAgents.Step("look", "shelf"));
        await using var bench = new AgentBench(_outside.Clerk with { Limits = new(Steps: 2), Context = new() { Judge = new("You judge.") } }, model);

        Assert.Equal("""
            budget: clerk has taken 2 steps and is not done. May it take 2 more?
            Its last steps:
            - pay {"item":"dear"}: turned down by the judge: nobody asked for the dear one
            - look {"item":"shelf"}: {"did":"look shelf"}
            """, Told.Asked(await bench.Start("x")));
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public void The_cap_is_20_and_10_for_the_built_in_agents() =>
        Assert.Equal((20, 10), (new Limits().Steps, TestAgents.Calculator.Limits.Steps));

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task A_yes_gives_as_many_again()
    {
        var model = new ScriptedModel(Looks(20));
        await using var bench = new AgentBench(Clerk, model);

        var log = await bench.Answer(await bench.Start("x"), approved: true);

        Assert.Equal((6, RequestKind.Budget), (model.Calls, log.Thread.OpenRequests[0].Asked.Kind));
        Assert.DoesNotContain("<human_response>", model.Prompts[3].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task A_no_ends_it_and_never_looks_like_success()
    {
        await using var bench = new AgentBench(Clerk, new ScriptedModel(Looks(20)));

        var log = await bench.Answer(await bench.Start("x"), approved: false);

        Told.Ends(log, "answered: no", "failed: Stopped at a limit: clerk has taken 3 steps and is not done. May it take 3 more? mia declined to extend it.");
        Assert.Equal(ThreadStatus.Failed, log.Thread.Status);
    }

    [Theory]
    [Trait("Accepts", "F10.1")]
    [InlineData(null, "stop reading", null, "response: stop reading\nuser: mia")]
    [InlineData(true, null, "but be quick", "response: but be quick\nuser: mia")]
    [InlineData(true, "stop reading", "please", "response: stop reading\ncomment: please\nuser: mia")]
    public async Task Guidance_goes_on_and_reaches_the_model(bool? approved, string? response, string? comment, string shown)
    {
        var model = new ScriptedModel([.. Looks(3), TestAgents.Done]);
        await using var bench = new AgentBench(Clerk, model);

        var log = await bench.Answer(await bench.Start("x"), approved, response, comment);

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Contains($"<human_response>\n{shown}\n</human_response>\n\nWhat is", model.Prompts[3].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F10.1")]
    public async Task Tokens_are_counted_over_the_whole_thread_and_leave_gives_as_many_again()
    {
        static ModelReply.Said Costly(int i) => new(TestAgents.Step("look", $"{i}"), new Usage(40, 10));
        var model = new ScriptedModel([.. Enumerable.Range(1, 9).Select(Costly)]);
        await using var bench = new AgentBench(_outside.Clerk with { Limits = new(Tokens: 100) }, model);

        var log = await bench.Start("x");
        Assert.Equal(2, model.Calls);
        Assert.Equal("clerk has used 100 tokens and is not done. May it use 100 more?", log.Thread.OpenRequests[0].Asked.Question);

        log = await bench.Answer(log, approved: true);
        Assert.Equal((4, new Usage(160, 40)), (model.Calls, log.Thread.Usage));
    }
}
