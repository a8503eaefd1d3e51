using AgentMcp.Agents.Models;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Models;

public sealed class A_step_is_priced
{
    private static readonly Price Cheap = new(2m, 10m, 0.2m);

    [Theory]
    [InlineData(1_000_000, 0, null, 2_000_000)]
    [InlineData(1_000_000, 0, 1_000_000L, 200_000)]
    [InlineData(1_000, 100, 400L, 2_280)]
    [InlineData(1_000, 100, 5_000L, 1_200)]
    [InlineData(1, 0, 1L, 1)]
    public void Every_kind_of_token_has_its_price_and_a_fraction_is_rounded_up(long input, long output, long? cached, long microdollars) =>
        Assert.Equal(new Usage(input, output, cached, microdollars), Cheap.Of(new(input, output, cached)));

    [Theory]
    [InlineData(100_000, 10_000 + 50)]
    [InlineData(100_001, 50_001 + 250)]
    public void A_long_prompt_has_the_price_of_long_prompts(long input, long microdollars) =>
        Assert.Equal(microdollars, Prices.Shipped.Of("anthropic:claude-haiku-5-5")!.Of(new(input, 100)).Microdollars);

    [Fact]
    public void Input_without_a_price_of_its_own_when_cached_costs_what_input_costs() =>
        Assert.Equal(20, new Price(2m, 10m).Of(new(10, 0, 10)).Microdollars);

    // The whole input is billed: what came from the cache at its own price, the rest at the full one.
    [Fact]
    public async Task What_anthropic_read_from_its_cache_is_part_of_the_input_and_priced_as_cached()
    {
        await using var server = new ProviderServer(AnthropicWireTests.Message("""{"type":"text","text":"x"}""", "end_turn", """{"input_tokens":412,"cache_read_input_tokens":1000,"cache_creation_input_tokens":0,"output_tokens":88}"""));

        var said = (ModelReply.Said)await Model("anthropic:claude-test", server.Url).Take();

        Assert.Equal(new Usage(1412, 88, 1000, (412 * 2) + 200 + 880), said.Usage);
    }

    [Fact]
    public async Task What_openai_read_from_its_cache_is_part_of_the_input_and_priced_as_cached()
    {
        await using var server = new ProviderServer(OpenAIWireTests.Completion("""{"role":"assistant","content":"x"}""", "stop", """{"prompt_tokens":1412,"completion_tokens":88,"total_tokens":1500,"prompt_tokens_details":{"cached_tokens":1000}}"""));

        var said = (ModelReply.Said)await Model("openai:gpt-test", server.Url + "/v1").Take();

        Assert.Equal(new Usage(1412, 88, 1000, (412 * 2) + 200 + 880), said.Usage);
    }

    private static IModel Model(string name, string url)
    {
        using var file = new PriceFile($$"""{"models":{"{{name}}": {"input":2,"cached_input":0.2,"output":10} } }""");
        return new ModelChoice(new(name, url, Turns.Key, Prices: Prices.Read(file.Path)), new SkippingClock()).For(null);
    }
}
