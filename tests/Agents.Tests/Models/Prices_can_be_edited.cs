using AgentMcp.Agents.Models;

namespace AgentMcp.Agents.Tests.Models;

public sealed class Prices_can_be_edited
{
    [Fact]
    public void The_table_that_comes_with_the_program_is_read_whole_and_dated()
    {
        Assert.Equal(new Price(2m, 10m, 0.1m), Prices.Shipped.Of("anthropic:claude-sonnet-5-5"));
        Assert.Contains("\"as_of\": \"20", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "prices.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("anthropic:claude-haiku-4-5-20251001", "anthropic:claude-haiku-4-5")]
    [InlineData("openai:gpt-5-mini-2025-08-07", "openai:gpt-5-mini")]
    public void A_dated_snapshot_costs_what_its_model_costs(string snapshot, string model)
    {
        Assert.NotNull(Prices.Shipped.Of(model));
        Assert.Equal(Prices.Shipped.Of(model), Prices.Shipped.Of(snapshot));
    }

    [Theory]
    [InlineData("openai:llama-3")]
    [InlineData("claude-haiku-4-5")]
    [InlineData("anthropic:claude-haiku-4-5-fast")]
    public void A_model_that_stands_nowhere_has_no_price_and_not_that_of_one_with_a_similar_name(string model) => Assert.Null(Prices.Shipped.Of(model));

    [Fact]
    public void A_table_of_ones_own_holds_only_what_it_changes()
    {
        using var file = new PriceFile("""
            {
              // what we negotiated
              "models": { "anthropic:claude-sonnet-5-5": { "input": 1.5, "output": 7.5, "long_prompt": { "over": 200000, "input": 3, "output": 15 } }, },
            }
            """);
        var mine = Prices.Read(file.Path);

        Assert.Equal(new Price(1.5m, 7.5m, null, new(200_000, 3m, 15m)), mine.Of("anthropic:claude-sonnet-5-5"));
        Assert.Null(mine.Of("anthropic:claude-opus-5"));
    }

    [Theory]
    [InlineData("{\"models\":{\"a\":{\"input\":1}}}", "was missing required properties including: 'output'")]
    [InlineData("{\"models\":{\"a\":{\"input\":1,\"output\":-1}}}", "a price is missing or below zero")]
    [InlineData("{\"models\":{\"a\":{\"inptu\":1,\"output\":1}}}", "'inptu'")]
    [InlineData("{\"models\":", "depth")]
    [InlineData("null", "the file says null")]
    public void A_table_that_cannot_be_used_says_what_is_wrong_and_what_one_looks_like(string json, string why)
    {
        using var file = new PriceFile(json);

        var e = Assert.Throws<InvalidDataException>(() => Prices.Read(file.Path));

        Assert.StartsWith($"The price table {file.Path} cannot be used: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.EndsWith("""It must look like {"models": {"openai:gpt-5-mini": {"input": 0.25, "cached_input": 0.025, "output": 2}}}, in dollars per million tokens.""", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_is_not_there_is_named() =>
        Assert.StartsWith("The price table /nowhere/prices.json cannot be read: ", Assert.Throws<InvalidDataException>(() => Prices.Read("/nowhere/prices.json")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, "$0.00")]
    [InlineData(3, "$0.000003")]
    [InlineData(4_200, "$0.0042")]
    [InlineData(12_345, "$0.0123")]
    [InlineData(500_000, "$0.50")]
    [InlineData(1_234_567, "$1.23")]
    public void Money_is_shown_in_as_many_digits_as_it_takes_to_see_it(long microdollars, string shown) => Assert.Equal(shown, Money.Dollars(microdollars));
}
