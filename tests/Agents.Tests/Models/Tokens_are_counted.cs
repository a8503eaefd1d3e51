using AgentMcp.Agents.Models;

namespace AgentMcp.Agents.Tests.Models;

public class Tokens_are_counted
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("hello world", 2)]
    [InlineData("tiktoken is great!", 6)]
    [InlineData("お誕生日おめでとう", 8)]
    [InlineData("{\"intent\":\"multiply\",\"a\":3,\"b\":4}", 13)]
    public void A_text_has_the_tokens_its_vocabulary_gives_it(string text, int tokens) => Assert.Equal(tokens, Tokens.Count(text));

    [Fact]
    public void A_long_text_has_as_many_as_its_words()
    {
        Assert.Equal(20_000, Tokens.Count(string.Concat(Enumerable.Repeat(" hello world", 10_000))));
    }

    // One piece without a space is the worst that a tool can return: it is counted in slices.
    [Theory]
    [InlineData("a", 6_250)]
    [InlineData("é", 25_000)]
    [InlineData("日", 25_000)]
    [InlineData("🙂", 25_000)]
    public void The_longest_result_of_a_tool_can_be_counted(string letter, int least) =>
        Assert.InRange(Tokens.Count(string.Concat(Enumerable.Repeat(letter, 100_000 / letter.Length))), least, 200_000);
}
