using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Workflows;

/// <summary>A step has done what it does when its result turns out to be too large to keep. That is no failure to try again.</summary>
public sealed class A_result_that_is_too_large
{
    private const string Kept = """{"truncated":"The result has 22 characters; these are the first 10.","text":"\"number 12"}""";
    private int _charged;

    public sealed record Receipt(string Number);

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(Effect.Effectful)]
    // Another try would be another call, under another key.
    [InlineData(Effect.Idempotent)]
    public async Task Of_a_step_that_may_have_an_effect_is_kept_as_far_as_it_goes_and_waited_for(Effect effect)
    {
        await using var bench = new AgentBench(Insisting(async run => await run.Step("charge", effect, Charge)), Shop.Plays);
        var log = await bench.Start("x");

        Told.Is(log, """started: {"message":"x"}""", "chosen: charge {}", "tool started: call_2, attempt 1", $"tool returned: call_2 {Kept}",
            "question: The workflow cannot go on: 'charge' was done, but its result is too large to be kept: The result has 22 characters; these are the first 10. Put the code right, restart, and answer try_again; or cancel the thread.",
            "parked");
        log = await bench.Answer(log, response: "try_again");
        Assert.Equal((ThreadStatus.Pending, 1), (log.Thread.Status, _charged));

        // Code that can do with what was kept goes on from there.
        await using var mended = await bench.Restart(agent: Insisting(async run => (await run.Step<JsonText>("charge", effect, (_, _) => throw new NotSupportedException())).Text.Length.ToString()));
        Assert.Equal(($"completed: \"{Kept.Length}\"", 1), (Told.Of(await mended.Answer(log, response: "try_again"))[^1], _charged));
    }

    [Fact]
    public async Task Is_not_taken_for_a_value_that_lacks_everything()
    {
        await using var bench = new AgentBench(Insisting(async run => (await run.Step("charge", Effect.Effectful, async (call, stop) => new Receipt(await Charge(call, stop)))).Number), Shop.Plays);

        var log = await bench.Start("x");

        Assert.StartsWith("question: The workflow cannot go on: 'charge' was done, but its result is too large to be kept: ", Told.Asked(log), StringComparison.Ordinal);
        Assert.Equal(1, _charged);
    }

    [Fact]
    public async Task Of_a_step_that_only_reads_is_a_failure_like_any_other()
    {
        await using var bench = new AgentBench(Bounded(async (run, _) =>
        {
            try
            {
                return await run.Step("charge", Effect.ReadOnly, Charge);
            }
            catch (StepFailedException e)
            {
                return e.Reason;
            }
        }), Shop.Plays);

        Told.Ends(await bench.Start("x"), "completed: \"charge ran, but its result has 22 characters and at most 10 are kept; return less, or where it is\"");
    }

    private Task<string> Charge(ToolCall call, CancellationToken stop) => Task.FromResult($"number 12345678901234567890{++_charged}"[..20]);

    private static Microagent Bounded(Func<Run, string, Task<string>> code) => Shop.Flow(code) with { Limits = Workflow.DefaultLimits with { ToolOutput = 10 } };

    // A workflow that tries again until it has been done.
    private static Microagent Insisting(Func<Run, Task<string>> code) => Bounded(async (run, _) =>
    {
        while (true)
        {
            try
            {
                return await code(run);
            }
            catch (StepFailedException)
            {
            }
        }
    });
}
