using AgentMcp.Agents.Evals;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Evals;

/// <summary>A live model is asked for each step on the history as it was recorded; only the model is played here.</summary>
public sealed class A_model_is_asked_anew
{
    private const string Multiply = """{"intent":"multiply","a":3,"b":4}""";
    private const string Yes = """{"intent":"done_for_now","verdict":"yes","reason":"It says 12."}""";
    private const string No = """{"intent":"done_for_now","verdict":"no","reason":"It names no number."}""";

    [Fact]
    public async Task Each_step_is_asked_for_on_the_recorded_history_whatever_was_said_before()
    {
        var recorded = await Recorded();
        var model = new ScriptedModel("""{"intent":"add","a":3,"b":4}""", Multiply, TestAgents.Done, "gibberish");

        var replayed = await new LiveReplay(model, model, times: 2).Run(recorded, recorded.Player(TestAgents.Calculator)!, TestContext.Current.CancellationToken);

        Assert.Equal([(2, 1), (5, 1)], replayed.Steps.Select(step => (step.Version, step.Same)));
        Assert.Equal(["""add {"a":3,"b":4}""", """multiply {"a":3,"b":4}"""], replayed.Steps[0].Samples.Select(sample => sample.Said));
        Assert.Equal(["intent is \"multiply\", but it is \"add\""], replayed.Steps[0].Samples[0].Failures);
        Assert.Equal((2, 2), (replayed.Passed, replayed.Failed));
        Assert.Equal(recorded.Steps.SelectMany(step => new[] { step.User, step.User }), model.Prompts.Select(prompt => prompt.User));
    }

    [Fact]
    public async Task A_judge_says_yes_or_no_with_a_reason()
    {
        var recorded = await Recorded();
        recorded = recorded with { Steps = [recorded.Steps[1] with { Assertions = [new("judge", "", JsonText.Of("Does it state the result?"))] }] };
        var model = new ScriptedModel(Multiply, TestAgents.Done, Multiply, TestAgents.Done);
        var judge = new ScriptedModel(Yes, No);
        var live = new LiveReplay(model, judge);

        var first = await live.Run(recorded, TestAgents.Calculator, TestContext.Current.CancellationToken);
        var second = await live.Run(recorded, TestAgents.Calculator, TestContext.Current.CancellationToken);

        Assert.Equal((1, 0), (first.Passed, first.Failed));
        Assert.Equal(["judge: Does it state the result? No: It names no number."], second.Steps[1].Samples[0].Failures);
        Assert.Contains("question: Does it state the result?\n", judge.Prompts[0].User, StringComparison.Ordinal);
        Assert.Contains("&lt;message_received>", judge.Prompts[0].User, StringComparison.Ordinal);
        // Nobody is asked when the case runs by itself.
        Assert.Equal((0, 0), ((await Cases.Replay(recorded, TestAgents.Calculator)).Passed, 0));
    }

    [Fact]
    public async Task Trouble_that_may_pass_fails_the_step_and_other_trouble_ends_the_replay()
    {
        var recorded = await Recorded();
        var overloaded = new ScriptedModel(new ModelException("Too many requests.", mayPass: true), TestAgents.Done);
        var keyless = new ScriptedModel(new ModelException("No key.", mayPass: false));

        var replayed = await new LiveReplay(overloaded, overloaded).Run(recorded, TestAgents.Calculator, TestContext.Current.CancellationToken);

        Assert.Equal(["intent is \"multiply\", but there was no reply"], replayed.Steps[0].Samples[0].Failures);
        Assert.Equal("no reply: Too many requests.", replayed.Steps[0].Samples[0].Said);
        Assert.Equal(1, replayed.Steps[1].Same);
        await Assert.ThrowsAsync<ModelException>(() => new LiveReplay(keyless, keyless).Run(recorded, TestAgents.Calculator, TestContext.Current.CancellationToken));
    }

    private static async Task<Case> Recorded()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel(Multiply, TestAgents.Done));
        return Cases.Of(bench, await bench.Start("Multiply 3 and 4"));
    }
}
