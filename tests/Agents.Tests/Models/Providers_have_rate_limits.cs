using System.Collections.Concurrent;
using AgentMcp.Agents.Models;

namespace AgentMcp.Agents.Tests.Models;

[Trait("Accepts", "F9.6")]
public sealed class Providers_have_rate_limits
{
    private static readonly Answer.Http Done = OpenAIWireTests.Completion("""{"role":"assistant","content":"x"}""", "stop", """{"prompt_tokens":900,"completion_tokens":100,"total_tokens":1000}""");
    private readonly SkippingClock _clock = new();
    private readonly ConcurrentQueue<string> _notices = new();

    private ModelChoice Choice(ProviderServer server, RateLimit limit) =>
        new(new("openai:a", server.Url + "/v1", Turns.Key, Rates: new Dictionary<string, RateLimit> { ["openai"] = limit }), _clock, _notices.Enqueue);

    [Fact]
    public async Task What_is_over_the_requests_of_a_minute_waits_for_its_share_of_the_next_and_says_so()
    {
        await using var server = new ProviderServer(Done);
        var choice = Choice(server, new(Requests: 2));

        for (var i = 0; i < 4; i++)
        {
            // All models of a provider share its limit.
            await choice.For(i % 2 == 0 ? "openai:a" : "openai:b").Take();
        }

        Assert.Equal(4, server.Requests.Count);
        Assert.Equal([TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30)], _clock.Pauses);
        Assert.Equal(["openai is asked in 30 s, as its rate limit allows", "openai is asked in 30 s, as its rate limit allows"], _notices);
    }

    [Fact]
    public async Task Tokens_are_counted_beforehand_and_settled_by_what_the_provider_says()
    {
        await using var server = new ProviderServer(Done);
        var model = Choice(server, new(Tokens: 1100)).For(null);

        await model.Take();
        await model.Take();

        // 1000 were taken, and the second turn's prompt is longer than the 100 that were left.
        var prompt = Tokens.Count(Turns.First.Prompt.System) + Tokens.Count(Turns.First.Prompt.User) + Tokens.Count(Turns.First.Prompt.Schema.Text);
        Assert.Equal([TimeSpan.FromMilliseconds(Math.Floor((prompt - 100) * 60_000 / 1100.0))], _clock.Pauses);
    }

    [Fact]
    public async Task Who_would_wait_too_long_is_told_so_takes_nothing_and_can_try_again()
    {
        await using var server = new ProviderServer(Done);
        var model = Choice(server, new(Tokens: 1000)).For(null);
        // More than three minutes' worth.
        var turn = new ModelTurn(Turns.Adder with { Prompt = string.Concat(Enumerable.Repeat(" hello", 4000)) }, Turns.First.Log);

        var failure = await Assert.ThrowsAsync<ModelException>(() => model.NextStep(turn, TestContext.Current.CancellationToken));
        await model.Take();

        Assert.True(failure.MayPass);
        Assert.StartsWith("The rate limit of openai is used up: the next place is in ", failure.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Only_as_many_are_asked_at_once_as_may_be()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ProviderServer(new Answer.Silence(held.SetResult));
        var model = Choice(server, new(Concurrent: 1)).For(null);
        using var stop = new CancellationTokenSource();

        var first = model.NextStep(Turns.First, stop.Token);
        await held.Task.WaitAsync(TestContext.Current.CancellationToken);
        var second = await Assert.ThrowsAsync<ModelException>(model.Take);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        Assert.Equal(("The rate limit of openai is used up: no place was free within 2 minutes.", true), (second.Message, second.MayPass));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Another_provider_is_not_held_up()
    {
        await using var server = new ProviderServer(AnthropicWireTests.Message("""{"type":"text","text":"x"}""", "end_turn"));
        var choice = new ModelChoice(new("anthropic:claude-test", server.Url, Turns.Key, Rates: new Dictionary<string, RateLimit> { ["openai"] = new(Requests: 1) }), _clock, _notices.Enqueue);

        await choice.For(null).Take();
        await choice.For(null).Take();

        Assert.Empty(_clock.Pauses);
    }
}
