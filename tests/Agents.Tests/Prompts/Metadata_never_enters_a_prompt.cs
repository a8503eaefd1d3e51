using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.Agents.Tests.Bench.Logs;

namespace AgentMcp.Agents.Tests.Prompts;

public sealed class Metadata_never_enters_a_prompt
{
    private const string Secret = "s3cret-7f3a";

    [Fact]
    [Trait("Accepts", "F3.3")]
    [Trait("Accepts", "F12.3")]
    public async Task Not_the_principal_the_channel_or_the_key()
    {
        var look = TestAgents.Tool("look", Tools.Effect.Idempotent, call => $"\"{call.IdempotencyKey.Length > 10}\"");
        var model = new ScriptedModel(TestAgents.Step("look", "tea"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(look), model);

        var id = await bench.Host.Start("clerk", AgentBench.Message("x"), new Responder("principal-" + Secret, "channel-" + Secret), "key-" + Secret);
        var log = await bench.Settle(id);

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.All(model.Prompts, prompt =>
        {
            Assert.DoesNotContain(Secret, prompt.System + prompt.User, StringComparison.Ordinal);
            Assert.DoesNotContain(id.Value, prompt.User, StringComparison.Ordinal);
            Assert.DoesNotContain("call_", prompt.User, StringComparison.Ordinal);
        });
    }

    [Fact]
    [Trait("Accepts", "F3.3")]
    [Trait("Accepts", "F12.3")]
    public void Nor_what_a_request_or_an_answer_carried_along()
    {
        var opened = new RequestOpened(At, RequestKind.Question, Secret, Secret, JsonText.Of(Secret), [new(Secret, Secret, Secret)], new BoundAction(Secret, JsonText.Of(Secret), Secret));

        Assert.DoesNotContain(Secret, Shown(
            Started("{}", by: Secret, channel: Secret) with { Definition = Secret, Agent = Secret },
            Rejected("no JSON") with { Model = Secret, Reply = Secret },
            Chose("ask", "{}") with { Model = Secret }, opened,
            new AnswerRefused(At, new(4), Secret, Secret, Secret), Answered(4, response: "\"yes\"", channel: Secret),
            Chose("done_for_now", "{}"), new ThreadCompleted(At, JsonText.Of(Secret)),
            new MessageReceived(At, JsonText.Of("more"), Secret, Secret), new ThreadCancelled(At, Secret, Secret, Secret)), StringComparison.Ordinal);
    }
}
