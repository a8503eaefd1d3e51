using AgentMcp.Agents.Evals;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Evals;

public sealed class Expectations_of_a_step
{
    private static readonly ChooseStep Step = new(default, "push", JsonText.Parse("""{"n":3,"message":"It is 12.5 now","new_commit":{"sha":"9f2c1ab"},"tags":["v1"]}"""), "m");

    [Theory]
    [Trait("Accepts", "F2.4")]
    [InlineData("intent", "is", "\"push\"")]
    [InlineData("intent", "one_of", """["pull","push"]""")]
    [InlineData("arguments.n", "is", "3.0")]
    [InlineData("arguments.n", "at_least", "3")]
    [InlineData("arguments.n", "at_most", "3.5")]
    [InlineData("arguments.n", "one_of", "[1,3]")]
    [InlineData("arguments.message", "contains", "\"12.5\"")]
    [InlineData("arguments.message", "matches", "\"^It is [0-9.]+ now$\"")]
    [InlineData("arguments.new_commit.sha", "matches", "\"^[0-9a-f]{7}\"")]
    [InlineData("arguments.new_commit", "is", """{"sha":"9f2c1ab"}""")]
    [InlineData("arguments.tags", "contains", "\"v1\"")]
    public void It_holds(string target, string matcher, string expected) =>
        Assert.Null(Assertion(target, matcher, expected).Miss(Step));

    [Theory]
    [InlineData("intent", "is", "\"pull\"", "intent is \"pull\", but it is \"push\"")]
    [InlineData("arguments.n", "is", "4", "arguments.n is 4, but it is 3")]
    [InlineData("arguments.n", "at_least", "4", "arguments.n at_least 4, but it is 3")]
    [InlineData("arguments.n", "at_most", "2", "arguments.n at_most 2, but it is 3")]
    [InlineData("arguments.message", "at_most", "2", "arguments.message at_most 2, but it is \"It is 12.5 now\"")]
    [InlineData("arguments.message", "contains", "\"13\"", "arguments.message contains \"13\", but it is \"It is 12.5 now\"")]
    [InlineData("arguments.message", "matches", "\"^12\"", "arguments.message matches \"^12\", but it is \"It is 12.5 now\"")]
    [InlineData("arguments.sha", "is", "1", "arguments.sha is 1, but push has no such argument")]
    [InlineData("arguments.n.x", "is", "1", "arguments.n.x is 1, but push has no such argument")]
    public void It_does_not_and_says_what_is_there_instead(string target, string matcher, string expected, string told) =>
        Assert.Equal(told, Assertion(target, matcher, expected).Miss(Step));

    private static Assertion Assertion(string target, string matcher, string expected)
    {
        var assertion = new Assertion(target, matcher, JsonText.Parse(expected));
        Assert.Null(assertion.Problem());
        return assertion;
    }
}
