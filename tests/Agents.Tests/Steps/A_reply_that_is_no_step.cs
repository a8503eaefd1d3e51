using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Steps;

public sealed class A_reply_that_is_no_step
{
    private const string Names = "add, subtract, multiply, divide, request_more_information, done_for_now";

    [Theory]
    [Trait("Accepts", "F1.2")]
    [Trait("Accepts", "F1.3")]
    [Trait("Accepts", "F7.1")]
    [Trait("Accepts", "R.13")]
    [InlineData("""{"intent":"power","a":3,"b":4}""", $"There is no intent 'power'. Choose one of {Names}.")]
    [InlineData("The result is 12.", "The reply is not a step. Reply with one JSON object that has an intent.")]
    [InlineData("", "The reply is not a step. Reply with one JSON object that has an intent.")]
    [InlineData("""{"a":3,"b":4}""", $"The reply has no intent. Choose one of {Names}.")]
    [InlineData("""{"intent":5}""", $"The reply has no intent. Choose one of {Names}.")]
    [InlineData("""{"intent":"multiply","a":3}""", "multiply: 'b' is required.")]
    [InlineData("""{"intent":"multiply","a":3,"b":"4"}""", "multiply: 'b': number expected.")]
    [InlineData("""{"intent":"multiply","a":3,"b":4,"c":5}""", "multiply: 'c' is not a known property.")]
    [InlineData("""{"intent":"multiply","a":3,"b":4} {"intent":"add","a":1,"b":1}""", "The reply holds 2 steps. Reply with exactly one; the others can follow later.")]
    [InlineData("""[{"intent":"multiply","a":3,"b":4},{"intent":"add","a":1,"b":1}]""", "The reply holds 2 steps. Reply with exactly one; the others can follow later.")]
    [InlineData("""{"intent":"multiply","a":3,"b":4""", "The reply is not a step. Reply with one JSON object that has an intent.")]
    [InlineData("""{"intent":"multiply","a":3,"a":4,"b":4}""", "The reply names 'a' twice.")]
    public async Task Is_fed_back_and_counts_as_an_error(string reply, string reason)
    {
        var model = new ScriptedModel(reply, TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Calculator, model);

        var log = await bench.Start("Multiply 3 and 4");

        Told.Is(log,
            """started: {"message":"Multiply 3 and 4"}""",
            $"rejected: {reason}",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.Single(log.At(2).Thread.ErrorsInRow);
        Assert.Contains($"<error>\nThe step was rejected: {reason.Replace("'<", "'&lt;", StringComparison.Ordinal)}\n</error>", model.Prompts[1].User, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "F1.3")]
    [InlineData("""{"intent":"done_for_now","message":"\ud800"}""")]
    [InlineData("""{"intent":"done_for_now","\udc00":"x","message":"y"}""")]
    [InlineData("""{"intent":"\ud800"}""")]
    public void Text_that_is_not_Unicode_is_no_step(string reply) =>
        Assert.Equal("The reply is not a step. Reply with one JSON object that has an intent.", StepReader.Problem(TestAgents.Calculator, reply));

    [Fact]
    [Trait("Accepts", "F1.3")]
    public void A_step_inside_a_broken_object_is_not_taken_for_the_step() =>
        Assert.Equal("The reply is not a step. Reply with one JSON object that has an intent.",
            StepReader.Problem(TestAgents.Calculator, """{"intent":"divide","first":{"intent":"add","a":1,"b":2},oops"""));

    [Fact]
    [Trait("Accepts", "F1.2")]
    [Trait("Accepts", "F9.1")]
    public void However_long_the_reply_is_the_reason_stays_short()
    {
        var reply = $$"""{"intent":"{{new string('x', 100_000)}}"}""";

        var rejected = (RejectStep)StepReader.Read(TestAgents.Calculator, reply, "scripted", null, DateTimeOffset.UnixEpoch);

        Assert.Equal($"There is no intent '{new string('x', 97)}...'. Choose one of {Names}.", rejected.Reason);
        Assert.Equal(500, rejected.Reply!.Length);
    }
}
