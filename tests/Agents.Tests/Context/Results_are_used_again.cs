using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Context;

public sealed class Results_are_used_again
{
    private readonly Outside _outside = new();

    private Microagent Cached => _outside.Clerk with { Context = new() { Cache = new Dictionary<string, TimeSpan> { ["look"] = TimeSpan.FromMinutes(5) } } };

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task While_they_last_and_the_log_says_where_from()
    {
        await using var bench = new AgentBench(Cached, LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Done));
        await bench.Start("x");
        bench.Clock.Advance(TimeSpan.FromMinutes(4));

        var second = await bench.Start("y");

        Told.Is(second,
            """started: {"message":"y"}""",
            """chosen: look {"item":"a"}""",
            """tool returned from 4: call_2 {"did":"look a"}""",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.Equal(["look a call_2"], _outside.Done);

        bench.Clock.Advance(TimeSpan.FromMinutes(2));
        await bench.Start("z");
        Assert.Equal(["look a call_2", "look a call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task With_the_same_arguments_only_and_never_where_nothing_was_said_of_it()
    {
        await using var bench = new AgentBench(Cached, LogModel.Of(
            TestAgents.Step("look", "a"), TestAgents.Step("look", "b"), TestAgents.Step("look", "a"), TestAgents.Step("store", "a"), TestAgents.Step("store", "a"), TestAgents.Done));

        bench.Clock.AutoAdvanceAmount = TimeSpan.FromMilliseconds(1);
        await bench.Start("x");

        Assert.Equal(["look a call_2", "look b call_5", "store a call_10", "store a call_13"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task Not_after_something_was_changed_from_here()
    {
        await using var bench = new AgentBench(Cached, LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Step("pay", "a"), TestAgents.Step("look", "a"), TestAgents.Done));

        await bench.Start("x");

        Assert.Equal(["look a call_2", "pay a call_5", "look a call_8"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task Not_what_was_looked_at_before_that_and_told_after_it()
    {
        var (looking, seen, looks) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        var look = _outside.Look with
        {
            Run = async (call, _) =>
            {
                looks++;
                looking.TrySetResult();
                await seen.Task;
                return new ToolOutcome.Returned(JsonText.Of($"look {looks}"));
            },
        };
        await using var bench = new AgentBench(Cached with { Intents = [look, .. Cached.Intents.Skip(1)] }, new CallerModel());
        var (one, other) = (await bench.Start("x"), await bench.Start("y"));
        await bench.Host.Answer(one.Thread.Id, AgentBench.Me, null, null, JsonText.Parse(TestAgents.Step("look", "a")), null);
        await looking.Task.WaitAsync(TestContext.Current.CancellationToken);

        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        other = await bench.AnswerJson(other, null, JsonText.Parse(TestAgents.Step("pay", "a")));
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        seen.SetResult();
        await bench.Settle(one.Thread.Id);
        other = await bench.AnswerJson(other, null, JsonText.Parse(TestAgents.Step("look", "a")));

        Assert.Equal(2, looks);
        Assert.Contains(Told.Of(other), line => line.EndsWith(" \"look 2\"", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task Never_from_the_threads_of_somebody_else()
    {
        await using var bench = new AgentBench(Cached, LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Done));
        await bench.Settle(await bench.Host.Start("clerk", AgentBench.Message("x"), new Responder("ravi", "http")));

        await bench.Start("y");

        Assert.Equal(2, _outside.Done.Count);
    }

    [Theory]
    [Trait("Accepts", "S.5")]
    [Trait("Accepts", "R.11")]
    [InlineData(Broken.Page)]
    [InlineData(Broken.Text)]
    [InlineData(Broken.Event)]
    public async Task Or_the_tool_is_run_where_a_log_among_those_that_are_looked_through_cannot_be_read(Broken how)
    {
        await using var first = new AgentBench(Cached, LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Done));
        List<string> others = [];
        for (var i = 0; i < 24; i++)
        {
            first.Clock.Advance(TimeSpan.FromSeconds(1));
            var message = AgentBench.Message(new string('x', 900));
            others.Add((how == Broken.Event ? await first.Start(message) : await first.Settle(await first.Host.Start("clerk", message, new Responder("ravi", "http")))).Thread.Id.Value);
        }

        Break(how, first.Database, others);
        await using var bench = first.Crash(LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Done));
        bench.Clock.Advance(TimeSpan.FromSeconds(1));

        var log = await bench.Start("y");

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Contains("""tool returned: call_2 {"did":"look a"}""", Told.Of(log));
        Assert.Equal(2, ((LogModel)bench.Model).Calls);
        Assert.Empty(bench.Errors.Lines);
    }

    [Theory]
    [Trait("Accepts", "S.5")]
    [InlineData(Route.DryRun, 100_000)]
    [InlineData(Route.Delegate, 100_000)]
    [InlineData(Route.Run, 5)]
    public async Task Never_from_another_agent_whose_results_may_have_come_about_otherwise(Route route, int most)
    {
        var other = Cached with { Name = "other", Context = new(), Limits = new(ToolOutput: most), Intents = [_outside.Look with { Route = route }, .. Cached.Intents.Skip(1)] };
        await using var bench = new AgentBench([Cached, other], LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Done));
        var log = await bench.Settle(await bench.Host.Start("other", AgentBench.Message("x"), AgentBench.Me));
        if (log.Thread.Status == ThreadStatus.Pending)
        {
            log = await bench.Answer(log, response: "a green door");
        }

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Contains("""tool returned: call_2 {"did":"look a"}""", Told.Of(await bench.Start("y")));
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task Never_what_came_of_other_arguments_than_were_chosen()
    {
        var look = _outside.Look with { MayChange = true };
        var agent = Cached with { Intents = [look, .. Cached.Intents.Skip(1)] };
        await using var first = new AgentBench(agent, LogModel.Of("""{"intent":"request_more_information","message":"?"}""", TestAgents.Step("look", "a"), TestAgents.Done));
        var log = await first.Start("x");
        // The gate is closed while the thread waits, and opened again before the next one begins.
        await using var second = await first.Restart(agent: agent with { Intents = [look.Gated(), .. Cached.Intents.Skip(1)] });
        log = await second.Answer(log, response: "now");
        await second.Host.Answer(log.Thread.Id, AgentBench.Me, null, true, null, null, JsonText.Parse("""{"item":"b"}"""));
        log = await second.Settle(log.Thread.Id);
        Assert.Equal((ThreadStatus.Completed, "look b call_5"), (log.Thread.Status, Assert.Single(_outside.Done)));

        await using var third = await second.Restart(LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Done), agent);
        await third.Start("y");

        Assert.Equal(["look b call_5", "look a call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task One_that_came_from_the_cache_does_not_make_it_last_longer()
    {
        await using var bench = new AgentBench(Cached, LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Done));
        await bench.Start("x");
        bench.Clock.Advance(TimeSpan.FromMinutes(4));
        await bench.Start("y");
        bench.Clock.Advance(TimeSpan.FromMinutes(4));

        await bench.Start("z");

        Assert.Equal(2, _outside.Done.Count);
    }

    [Fact]
    [Trait("Accepts", "S.5")]
    public async Task A_tool_that_may_change_something_by_now_is_run()
    {
        await using var first = new AgentBench(Cached, LogModel.Of("""{"intent":"request_more_information","message":"?"}""", TestAgents.Step("look", "a"), TestAgents.Done));
        var waiting = await first.Start("x");
        await first.Answer(await first.Start("y"), response: "now");

        await using var bench = await first.Restart(agent: Cached with { Intents = [_outside.Look with { Effect = Effect.Idempotent }, .. Cached.Intents.Skip(1)] });
        await bench.Answer(waiting, response: "now");

        Assert.Equal(2, _outside.Done.Count);
    }

    public enum Broken
    {
        Page,
        Text,
        Event,
    }

    private static void Break(Broken how, Database database, List<string> threads)
    {
        switch (how)
        {
            case Broken.Page:
                DamagedPage.Of(database.Path, threads[..4]);
                break;
            case Broken.Text:
                BrokenText.Of(database.Path, threads[0], "tool_returned");
                break;
            default:
                // The only one that was not taken from the cache, of which only what the search asks for can be read.
                using (var disk = database.Connect())
                {
                    disk.Execute("DROP TRIGGER events_are_never_changed");
                    disk.Execute("UPDATE events SET data = json_remove(data, '$.result') WHERE thread_id = @id AND type = 'tool_returned'", new { id = threads[0] });
                }

                break;
        }

        // What was read before is still in the memory of its readers.
        SqliteConnection.ClearAllPools();
    }
}
