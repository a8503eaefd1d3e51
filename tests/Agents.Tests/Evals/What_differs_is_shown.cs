using AgentMcp.Agents.Evals;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Evals;

public sealed class What_differs_is_shown
{
    private const string Divide = """{"intent":"divide","a":3,"b":4}""";

    [Fact]
    public async Task Another_reply_is_the_first_difference()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel(Divide));
        var text = Cases.Text(bench, await bench.Start("Divide 3 by 4"));

        var replayed = await Cases.Replay(Cases.Parse(text.Replace("\"output\": " + Divide, """ "output": {"intent":"divide","a":3,"b":5} """, StringComparison.Ordinal)), TestAgents.Calculator);

        Assert.Equal((2, """{"a":3,"b":4}""", """{"a":3,"b":5}"""),
            (replayed.Difference!.Version, ((StepChosen)replayed.Difference.Then!).Arguments.Text, ((StepChosen)replayed.Difference.Now!).Arguments.Text));
    }

    [Fact]
    public async Task Another_prompt_is_shown_as_lines()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel(Divide));
        var recorded = Cases.Of(bench, await bench.Start("Divide 3 by 4"));
        var edited = TestAgents.Calculator with { Prompt = TestAgents.Calculator.Prompt.Replace("Do not guess.", "Never guess.", StringComparison.Ordinal) };

        var replayed = await Replay.Run(recorded, edited, edited);

        Assert.Null(replayed.Difference);
        Assert.Equal(2, replayed.Prompt!.Version);
        Assert.Equal(
            [
                "...",
                "  ",
                "  - Never calculate in your head: every number in a result comes from a tool.",
                "- - If a number or the operation is missing or unclear, ask with request_more_information. Do not guess.",
                "+ - If a number or the operation is missing or unclear, ask with request_more_information. Never guess.",
                "  - A person may deny an operation. Then do what they say instead, and do not propose the same operation again.",
                "  - When nothing is left to calculate, end with done_for_now and a message that states the result.",
                "...",
            ], replayed.Prompt.Lines);
    }

    [Fact]
    public async Task A_call_that_was_never_made_is_not_made_now()
    {
        var outside = new Outside();
        await using var bench = new AgentBench(TestAgents.Clerk(outside.Deploy), new ScriptedModel(TestAgents.Step("deploy", "app")));
        var recorded = Cases.Of(bench, await bench.Start("Go"));
        var ungated = TestAgents.Clerk(outside.Deploy with { Route = Route.Run });

        var replayed = await Replay.Run(recorded, ungated, ungated);

        Assert.IsType<RequestOpened>(replayed.Difference!.Then);
        Assert.IsType<ToolStarted>(replayed.Difference.Now);
        Assert.Equal("""deploy {"item":"app"} would run now, and the case holds no output of it. Tools are never run in a replay.""", replayed.Difference.Note);
        Assert.Empty(outside.Done);
    }

    [Fact]
    public async Task An_intent_that_is_gone_makes_its_step_a_rejected_one()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel(Divide));
        var recorded = Cases.Of(bench, await bench.Start("Divide 3 by 4"), asEval: true);
        var poorer = TestAgents.Calculator with { Intents = [.. TestAgents.Calculator.Intents.Where(intent => intent.Name != "divide")] };

        var replayed = await Cases.Replay(recorded, poorer);

        Assert.StartsWith("There is no intent 'divide'.", Assert.IsType<StepRejected>(replayed.Difference!.Now).Reason, StringComparison.Ordinal);
        Assert.Equal(["intent is \"divide\", but the reply was no step"], Assert.Single(replayed.Steps).Samples[0].Failures);
    }

    [Theory]
    [InlineData("a\nb\nc", "a\nb\nc", "...")]
    [InlineData("a\nb\nc", "a\nx\nc", "  a|- b|+ x|  c")]
    [InlineData("a\nb\nc\nd\ne\nf\ng", "a\nb\nc\nd\ne\nf\ng\nh", "...|  f|  g|+ h")]
    [InlineData("a\nb\nc\nd", "b\nc\nx\nd", "- a|  b|  c|+ x|  d")]
    public void Differences_of_lines_keep_a_little_around_them(string before, string after, string lines) =>
        Assert.Equal(lines, string.Join('|', LineDiff.Of(before, after)));
}
