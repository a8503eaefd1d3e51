using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Steps;

public sealed class A_step_given_by_the_caller
{
    [Theory]
    [Trait("Accepts", "F1.1")]
    [InlineData("""{"intent":"add","a":1,"b":2}""")]
    [InlineData("\"{\\\"intent\\\":\\\"add\\\",\\\"a\\\":1,\\\"b\\\":2}\"")]
    [InlineData("\"```json\\n{\\\"intent\\\":\\\"add\\\",\\\"a\\\":1,\\\"b\\\":2}\\n```\"")]
    [InlineData("""{"step":{"intent":"add","a":1,"b":2}}""")]
    [InlineData("""{"intent":"add","arguments":{"a":1,"b":2}}""")]
    public async Task Is_taken_in_every_spelling_stored_in_one_and_the_same_again_changes_nothing(string response)
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new CallerModel());
        var asked = await bench.Start("add 1 and 2");

        var log = await bench.AnswerJson(asked, null, JsonText.Parse(response));
        Told.Is(log, """started: {"message":"add 1 and 2"}""", "next_step: You are the model of calculator: choose its next step.", """answered: {"intent":"add","a":1,"b":2}""",
            """chosen: add {"a":1,"b":2}""", "tool started: call_4, attempt 1", "tool returned: call_4 3", "next_step: You are the model of calculator: choose its next step.");

        await bench.Host.Answer(log.Thread.Id, AgentBench.Me, new RequestId(2), null, JsonText.Parse(response), null);
        Assert.Equal(7, bench.Store.Read(log.Thread.Id).Thread.Version);
    }

    [Theory]
    [Trait("Accepts", "F1.2")]
    [InlineData("""{"intent":"ad","a":1,"b":2}""", "There is no intent 'ad'. Did you mean 'add'? Choose one of add, subtract, multiply, divide, request_more_information, done_for_now.")]
    [InlineData("""{"intent":"add","a":1}""", "add: 'b' is required.")]
    [InlineData("\"I would add them\"", "The reply is not a step. Reply with one JSON object that has an intent.")]
    public async Task Is_refused_with_what_was_wrong_and_what_one_looks_like_and_nothing_is_stored(string response, string why)
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new CallerModel());
        var asked = await bench.Start("add 1 and 2");

        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.AnswerJson(asked, null, JsonText.Parse(response)));

        Assert.Equal((RefusalCode.InvalidResponse,
            $$"""That is not a next step of calculator. {{why}} The request {{new RequestId(2).In(asked.Thread.Id)}} stays open: call resume_thread again with a response such as {"intent":"add","a":1,"b":1}"""), (refused.Code, refused.Message));
        Assert.Equal(2, bench.Store.Read(asked.Thread.Id).Thread.Version);
    }

    [Fact]
    [Trait("Accepts", "F1.3")]
    public async Task By_sampling_is_read_like_any_models_reply_and_counts_as_an_error_when_it_is_none()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new CallerModel("sampling"));
        var log = await bench.Start("add 1 and 2");
        var client = AgentBench.Me with { Channel = "sampling", IsModel = true };
        foreach (var reply in new[] { "hm", "I would add them", "no idea" })
        {
            await bench.Host.Answer(log.Thread.Id, client, log.Thread.OpenRequests[0].Id, null, JsonText.Of(reply), "claude-test");
            log = await bench.Settle(log.Thread.Id);
        }

        Assert.Equal(("sampling:claude-test", RequestKind.Question), (log.Thread.Model, log.Thread.OpenRequests[0].Asked.Kind));
        Assert.StartsWith("calculator failed 3 times in a row. What should it do?", log.Thread.OpenRequests[0].Asked.Question, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Answer(log.Thread.Id, client, log.Thread.OpenRequests[0].Id, null, JsonText.Of("go on"), "claude-test"));
        Assert.Equal(RefusalCode.WrongAnswer, refused.Code);
    }
}
