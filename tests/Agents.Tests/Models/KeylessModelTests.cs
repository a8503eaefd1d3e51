using AgentMcp.Agents.Models;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Xunit;

namespace AgentMcp.Agents.Tests.Models;

public sealed class KeylessModelTests
{
    [Fact]
    public async Task The_caller_is_asked_for_the_step() =>
        Assert.Equal(new ModelReply.AskCaller(), await new CallerModel().Take());

    [Theory]
    [InlineData("""{"intent":"done","message":"7"}""", """{"intent":"done","message":"7"}""")]
    [InlineData(""" "{\"intent\":\"done\"}" """, """{"intent":"done"}""")]
    [InlineData("7", "7")]
    public async Task What_the_caller_answered_is_the_reply(string response, string text)
    {
        var at = SkippingClock.Epoch;
        var log = Turns.Log(
            new RequestOpened(at, RequestKind.NextStep, "Choose."),
            new RequestAnswered(at, new RequestId(2), "local", "stdio", Response: JsonText.Parse(response)));

        Assert.Equal(new ModelReply.Said(text), await new CallerModel().NextStep(new(Turns.Adder, log), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("sampling", "claude-sonnet-5-5", "sampling:claude-sonnet-5-5")]
    [InlineData("sampling", null, "sampling")]
    [InlineData("stdio", "as you said", "caller")]
    public async Task Under_sampling_it_is_said_who_chose_the_step(string channel, string? comment, string model)
    {
        var at = SkippingClock.Epoch;
        var log = Turns.Log(
            new RequestOpened(at, RequestKind.NextStep, "Choose."),
            new RequestAnswered(at, new RequestId(2), "local", channel, Response: JsonText.Of("let me think"), Comment: comment));

        Assert.Equal(new ModelReply.Said("let me think", Model: model), await new CallerModel("sampling").NextStep(new(Turns.Adder, log), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Rules_see_the_log_and_say_the_step()
    {
        var turn = Turns.First with { Agent = Turns.Adder with { Rules = log => $$"""{"intent":"done","message":"{{log.Events.Count}}"}""" } };

        Assert.Equal(new ModelReply.Said("""{"intent":"done","message":"1"}"""), await new RulesModel().NextStep(turn, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_agent_without_rules_fails_with_what_to_do()
    {
        var failure = await Assert.ThrowsAsync<ModelException>(new RulesModel().Take);

        Assert.Equal(("The agent adder has no rules, so the model 'rules' cannot play it. Choose another --model: "
            + "caller, anthropic:NAME or openai:NAME.", false), (failure.Message, failure.MayPass));
    }
}
