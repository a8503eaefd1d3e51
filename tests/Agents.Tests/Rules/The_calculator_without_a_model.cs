using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Rules;

/// <summary>What the rules choose next, after what was said and answered. <c>yes</c> and <c>no: why</c> answer an approval.</summary>
public sealed class The_calculator_without_a_model
{
    [Theory]
    [Trait("Accepts", "F2.4")]
    [InlineData("""request_more_information {"message":"Which operation, and which numbers? For example: multiply 3 and 4."}""", "hello there")]
    [InlineData("""multiply {"a":3,"b":4}""", "multiply 3 and 4")]
    [InlineData("""multiply {"a":3,"b":4}""", "What is 3 times 4?")]
    [InlineData("""multiply {"a":3,"b":4}""", "3*4")]
    [InlineData("""add {"a":1.5,"b":-2}""", "please add 1.5 and -2.")]
    [InlineData("""subtract {"a":9,"b":4}""", "subtract 4 from 9")]
    [InlineData("""subtract {"a":9,"b":4}""", "9 minus 4")]
    [InlineData("""divide {"a":3,"b":4}""", "divide 3 by 4")]
    [InlineData("""done_for_now {"message":"The result is 12."}""", "multiply 3 and 4", "done")]
    [InlineData("""done_for_now {"message":"The result is 17."}""", "multiply 3 and 4, then add 5", "done")]
    [InlineData("""done_for_now {"message":"The result is 34."}""", "multiply 3 and 4; add 5 and then multiply by 2", "done")]
    [InlineData("""request_more_information {"message":"I could not read every number for \"multiply\". Which one should I use?"}""", "multiply 3 and f0ur")]
    [InlineData("""multiply {"a":3,"b":12}""", "multiply 3 and f0ur", "use 12 instead")]
    [InlineData("""multiply {"a":12,"b":4}""", "multiply thr33 and 4", "use 12 instead")]
    [InlineData("""add {"a":1,"b":2}""", "multiply 3 and f0ur", "add 1 and 2")]
    [InlineData("""multiply {"a":3,"b":4}""", "hello there", "multiply 3 and 4")]
    [InlineData("""request_more_information {"message":"Nothing can be divided by 0; ask for another divisor. Which number should I use instead?"}""", "divide 3 by 0", "yes")]
    [InlineData("""divide {"a":3,"b":5}""", "divide 3 by 0", "yes", "use 5 instead")]
    [InlineData("""divide {"a":3,"b":5}""", "divide 3 by 4", "no: use 5 instead")]
    [InlineData("""divide {"a":3,"b":5}""", "divide 3 by 4", "no: divide 3 by 5")]
    [InlineData("""done_for_now {"message":"Nothing was calculated: the operation was denied."}""", "divide 3 by 4", "no")]
    [InlineData("""done_for_now {"message":"The result is 0.6."}""", "divide 3 by 4", "no: use 5 instead", "yes", "done")]
    [InlineData("""add {"a":12,"b":1}""", "multiply 3 and 4", "done", "now add 1")]
    [InlineData("""multiply {"a":13,"b":2}""", "multiply 3 and 4", "done", "now add 1", "done", "multiply it by 2")]
    [InlineData("""multiply {"a":2,"b":2}""", "divide 3 by 4", "no", "done", "multiply 2 and 2")]
    public async Task Chooses(string step, params string[] said)
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new RulesModel());

        var log = await bench.Start(said[0]);
        foreach (var word in said[1..])
        {
            log = word switch
            {
                "done" => Completed(log),
                "yes" => await bench.Answer(log, approved: true),
                "no" => await bench.Answer(log, approved: false),
                _ when word.StartsWith("no: ", StringComparison.Ordinal) => await bench.Answer(log, approved: false, comment: word[4..]),
                _ => await bench.Answer(log, response: word),
            };
        }

        // The last choice, or the one before the end when the step asked for is no end.
        var chosen = log.Events.OfType<StepChosen>().Where(e => step.StartsWith("done_for_now", StringComparison.Ordinal) || e.Intent != "done_for_now").Last();
        Assert.Equal(step, $"{chosen.Intent} {chosen.Arguments}");
        Assert.Equal("rules", chosen.Model);
    }

    private static ThreadLog Completed(ThreadLog log)
    {
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        return log;
    }
}
