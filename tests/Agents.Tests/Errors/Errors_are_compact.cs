using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Errors;

public sealed class Errors_are_compact
{
    [Theory]
    [Trait("Accepts", "F9.1")]
    [InlineData("it broke", "it broke")]
    [InlineData("first line\n   at Some.Stack.Frame()\n   at Another()", "first line")]
    [InlineData("  spaced \r\nsecond", "spaced")]
    [InlineData("401 for Authorization: Bearer abcdef0123456789", "401 for Authorization: Bearer [redacted]")]
    [InlineData("login failed, password=hunter2&x=1", "login failed, password=[redacted]&x=1")]
    [InlineData("{\"api_key\": \"abc123\", \"x\": 1}", "{\"api_key\": \"[redacted]\", \"x\": 1}")]
    [InlineData("cannot reach https://mia:pw@host/x", "cannot reach https://[redacted]@host/x")]
    [InlineData("cannot reach redis://:pw:x@host/x", "cannot reach redis://[redacted]@host/x")]
    [InlineData("bad key sk-abcdefgh12345678", "bad key [redacted]")]
    [InlineData("teamId: not a UUID", "teamId: not a UUID")]
    public async Task The_first_line_without_secrets_reaches_log_and_model(string thrown, string told)
    {
        var look = TestAgents.Tool("look", Effect.ReadOnly, string (_) => throw new InvalidOperationException(thrown));
        var model = new ScriptedModel(TestAgents.Step("look", "tea"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(look), model);

        var log = await bench.Start("x");

        Assert.Contains("tool failed: call_2 " + told, Told.Of(log));
        Assert.Contains($"<error>\nlook failed: {told}\n</error>", model.Prompts[1].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F9.1")]
    public void At_most_500_characters_and_never_half_of_one()
    {
        Assert.Equal(new string('x', 500), ErrorText.Of(new ToolException(new string('x', 500))));
        Assert.Equal(new string('x', 497) + "...", ErrorText.Of(new ToolException(new string('x', 501))));
        Assert.Equal(new string('x', 496) + "...", ErrorText.Of(new ToolException(new string('x', 496) + "🚀🚀🚀🚀")));
    }

    // Whoever writes the text may have meant it to be looked through for ever.
    [Theory(Timeout = 60_000)]
    [InlineData("://", ":", "")]
    [InlineData("://", "a:", "")]
    [InlineData("", "://a:b", "")]
    [InlineData("bearer", " ", "")]
    [InlineData("", "bearer ", "")]
    [InlineData("token", " ", "=")]
    [InlineData("token=", " ", "'")]
    [InlineData("", "access_token ", "")]
    [InlineData("", "sk-", "")]
    [InlineData("at ", ":1(", "x")]
    public async Task A_text_of_any_length_is_looked_through_once(string begins, string repeats, string ends)
    {
        var text = $"{begins}{string.Concat(Enumerable.Repeat(repeats, 1_000_000))}{ends}";

        var told = await Task.Run(() => ErrorText.Of(new ToolException(text)), TestContext.Current.CancellationToken);

        Assert.InRange(told.Length, 1, 500);
    }

    [Theory]
    [Trait("Accepts", "F9.7")]
    [InlineData("")]
    [InlineData("\nonly later")]
    public void An_exception_that_says_nothing_is_named(string message) =>
        Assert.Equal("ToolException", ErrorText.Of(new ToolException(message)));

    [Fact]
    [Trait("Accepts", "F9.7")]
    public async Task A_tool_that_times_out_by_itself_says_so_in_its_own_words()
    {
        var look = TestAgents.Tool("look", Effect.ReadOnly, Task<ToolOutcome> (_, _) => throw new TimeoutException("the shop did not answer in 5 s"));
        await using var bench = new AgentBench(TestAgents.Clerk(look), new ScriptedModel(TestAgents.Step("look", "tea"), TestAgents.Done));

        Assert.Contains("tool failed: call_2 the shop did not answer in 5 s", Told.Of(await bench.Start("x")));
    }

    [Theory]
    [InlineData(Effect.ReadOnly, "tool failed: call_2 it did not end within 60 s")]
    [InlineData(Effect.Idempotent, "tool failed: call_2 it did not end within 60 s")]
    [InlineData(Effect.Effectful, "in_doubt: look was cut off and nobody knows whether it happened. What became of it?")]
    public async Task A_tool_that_takes_too_long_is_cut_off(Effect effect, string told)
    {
        var look = TestAgents.Tool("look", effect, async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new InvalidOperationException();
        });
        await using var bench = new AgentBench(TestAgents.Clerk(look), new ScriptedModel(TestAgents.Step("look", "tea"), TestAgents.Done));
        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
        await bench.Clock.Waited(TimeSpan.FromSeconds(60));

        bench.Clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Contains(told, Told.Of(await bench.Settle(id)));
    }

    [Fact]
    public async Task What_a_tool_did_counts_though_its_time_was_over_just_then()
    {
        var done = new TaskCompletionSource<ToolOutcome>();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        AgentBench? bench = null;
        var pay = TestAgents.Tool("pay", Effect.Effectful, (_, _) =>
        {
            // Told of the end before the runner is: by then its time is over.
            _ = done.Task.ContinueWith(_ => bench!.Clock.Advance(TimeSpan.FromSeconds(60)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            begun.SetResult();
            return done.Task;
        });
        await using (bench = new AgentBench(TestAgents.Clerk(pay), new ScriptedModel(TestAgents.Step("pay", "tea"), TestAgents.Done)))
        {
            var id = await bench.Host.Start("clerk", AgentBench.Message("x"), AgentBench.Me);
            await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
            await bench.Clock.Waited(TimeSpan.FromSeconds(60));

            done.SetResult(new ToolOutcome.Returned(JsonText.Parse("\"paid\"")));

            Told.Is(await bench.Settle(id), """started: {"message":"x"}""", """chosen: pay {"item":"tea"}""", "tool started: call_2, attempt 1", "tool returned: call_2 \"paid\"",
                """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
        }
    }

    [Fact]
    public async Task A_result_that_is_too_long_is_cut_with_a_mark()
    {
        var look = TestAgents.Tool("look", Effect.ReadOnly, _ => $"\"{new string('x', 100)}\"");
        await using var bench = new AgentBench(TestAgents.Clerk(look) with { Limits = new(ToolOutput: 20) }, new ScriptedModel(TestAgents.Step("look", "tea"), TestAgents.Done));

        Assert.Contains("""tool returned: call_2 {"truncated":"The result has 102 characters; these are the first 20.","text":"\"xxxxxxxxxxxxxxxxxxx"}""", Told.Of(await bench.Start("x")));
    }
}
