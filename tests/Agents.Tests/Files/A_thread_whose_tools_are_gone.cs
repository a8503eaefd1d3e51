using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Files;

public sealed class A_thread_whose_tools_are_gone
{
    private const string Ask = """{"intent":"request_more_information","message":"Which?"}""";
    private const string Question = "question: clerk has changed since this thread began. How shall it go on?";

    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Asks_once_and_pinned_it_goes_on_as_it_began_where_choosing_one_fails_clearly()
    {
        var model = new ScriptedModel(Ask, TestAgents.Step("pay", "book"), Ask, TestAgents.Done);
        await using var bench = await Resumed(TestAgents.Clerk(_outside.Pay, _outside.Look), TestAgents.Clerk(_outside.Look) with { Prompt = "You are new." }, model);
        var log = bench.Log;

        Assert.Equal(
            (Question + "\nGone: pay.\npin: Under its old prompt and tools; choosing a tool that is gone fails.\nmigrate: Under today's prompt and tools; no gate opens that was closed before.\ncancel: What has happened stays.",
                """{"type":"string","enum":["pin","migrate","cancel"]}"""),
            (Told.Asked(log), log.Thread.OpenRequests[0].Asked.Schema!.Value.Text));

        log = await bench.Bench.Answer(log, response: "pin");
        log = await bench.Bench.Answer(log, response: "go on");

        Told.Ends(log, Question, "answered: \"pin\"",
            """chosen: pay {"item":"book"}""", "tool started: call_7, attempt 1", "tool failed: call_7 pay is no longer a tool of clerk; choose another one or ask",
            $"chosen: request_more_information {Argument}", "question: Which?", "answered: \"go on\"",
            """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
        Assert.Equal(["You are clerk.", "You are clerk.", "You are clerk.", "You are clerk."], model.Prompts.Select(prompt => prompt.System));
        Assert.DoesNotContain("pin", model.Prompts[1].User, StringComparison.Ordinal);
        Assert.Empty(_outside.Done);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Migrated_it_goes_on_as_its_agent_is_today_for_the_rest_of_its_life()
    {
        var model = new ScriptedModel(Ask, TestAgents.Step("look", "map"), Ask, TestAgents.Done);
        await using var bench = await Resumed(TestAgents.Clerk(_outside.Pay), TestAgents.Clerk(_outside.Look) with { Prompt = "You are new." }, model);

        var log = await bench.Bench.Answer(bench.Log, response: "migrate");

        Assert.Equal(["look map call_8"], _outside.Done);
        Assert.Equal("You are new.", model.Prompts[1].System);
        Assert.Equal(Definition.Of(TestAgents.Clerk(_outside.Look) with { Prompt = "You are new." }).Hash, log.Thread.Definition.Hash);

        Assert.Equal(["You are clerk.", "You are new."], new[] { 2, 8 }.Select(version => bench.Bench.Host.AgentAt(log, version).Prompt));

        await using var after = await bench.Bench.Restart(agent: TestAgents.Clerk(_outside.Look) with { Prompt = "You are newer." });
        await after.Answer(log, response: "go on");
        Assert.Equal("You are new.", model.Prompts[3].System);
    }

    [Theory]
    [Trait("Accepts", "F8.4")]
    [InlineData(Route.Approve, AnswerableBy.Human, Route.Run, AnswerableBy.Caller)]
    [InlineData(Route.Run, AnswerableBy.Caller, Route.Approve, AnswerableBy.Human)]
    public async Task A_migration_opens_no_gate_and_closes_those_that_are_closed_today(Route was, AnswerableBy by, Route today, AnswerableBy byToday)
    {
        var model = new ScriptedModel(Ask, TestAgents.Step("deploy", "v2"), TestAgents.Done);
        await using var bench = await Resumed(
            TestAgents.Clerk(_outside.Pay, _outside.Deploy with { Route = was, AnswerableBy = by }),
            TestAgents.Clerk(_outside.Deploy with { Route = today, AnswerableBy = byToday }), model);

        var log = await bench.Bench.Answer(bench.Log, response: "migrate");

        Assert.Equal((RequestKind.Approval, AnswerableBy.Human), (log.Thread.OpenRequests[0].Asked.Kind, log.Thread.OpenRequests[0].Asked.AnswerableBy));
        Assert.Empty(_outside.Done);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task It_can_be_ended_instead()
    {
        await using var bench = await Resumed(TestAgents.Clerk(_outside.Pay), TestAgents.Clerk(), new ScriptedModel(Ask));

        var log = await bench.Bench.Answer(bench.Log, response: "cancel");

        Told.Ends(log, "answered: \"cancel\"", "cancelled: its agent had changed");
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Of_an_agent_that_is_gone_altogether_nothing_can_be_taken_but_the_thread_goes_on()
    {
        var model = new ScriptedModel(Ask, TestAgents.Done);
        await using var bench = await Resumed(TestAgents.Clerk(_outside.Pay), TestAgents.Calculator, model);

        Assert.StartsWith("question: There is no agent clerk here any more. How shall this thread go on?\nGone: pay.\npin: ", Told.Asked(bench.Log), StringComparison.Ordinal);
        Assert.Equal("""{"type":"string","enum":["pin","cancel"]}""", bench.Log.Thread.OpenRequests[0].Asked.Schema!.Value.Text);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Bench.Answer(bench.Log, response: "migrate"));
        Assert.Contains("'value' must be one of \"pin\", \"cancel\"", refused.Message, StringComparison.Ordinal);

        var log = await bench.Bench.Answer(bench.Log, response: "pin");
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
    }

    [Fact]
    public async Task What_went_away_while_it_was_asked_cannot_be_migrated_to()
    {
        await using var bench = await Resumed(TestAgents.Clerk(_outside.Pay), TestAgents.Clerk(), new ScriptedModel(Ask, TestAgents.Done));
        await using var after = await bench.Bench.Restart(agent: TestAgents.Calculator);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => after.Answer(bench.Log, response: "migrate"));

        Assert.Equal("There is no agent of that name any more, so nothing to migrate to. Answer with pin or cancel, or bring its file back first. The request stays open.", refused.Message);
        Assert.Equal(ThreadStatus.Completed, (await after.Answer(bench.Log, response: "pin")).Thread.Status);
    }

    private const string Argument = """{"message":"Which?"}""";

    /// <summary>A thread that asked, in a process that has another agent of that name, or none, and was answered there.</summary>
    private static async Task<Case> Resumed(Microagent was, Microagent today, ScriptedModel model)
    {
        // Whoever restarts it owns its folder from then on.
        var first = new AgentBench(was, model);
        var log = await first.Start("x");
        var bench = await first.Restart(agent: today);
        return new(bench, await bench.Answer(log, response: "this one"));
    }

    private sealed record Case(AgentBench Bench, ThreadLog Log) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Bench.DisposeAsync();
    }
}
