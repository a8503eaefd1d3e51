using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.People;

public sealed class Approving_with_changes
{
    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "P.5")]
    public async Task Runs_what_was_approved_and_tells_the_model_so()
    {
        var model = new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(_outside.Deploy with { MayChange = true }), model);
        var log = await bench.Start("deploy v2");

        await bench.Host.Answer(log.Thread.Id, AgentBench.Me, null, true, null, "v2 is broken", JsonText.Parse("""{"item":"v3"}"""));

        log = await bench.Settle(log.Thread.Id);
        Assert.Equal(["deploy v3 call_2"], _outside.Done);
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Contains("<human_response>\napproved: true\napproved_with_changes:\n  item: v3\ncomment: v2 is broken\nuser: ", model.Prompts[1].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "P.5")]
    public async Task Asks_again_when_the_changed_arguments_lead_to_something_else_than_was_said()
    {
        var deploy = _outside.Deploy with { MayChange = true, Preview = (call, _) => Task.FromResult(new Preview(JsonText.Parse($$"""{"item":"{{call.Arguments.Element().GetProperty("item").GetString()!.Split('@')[0]}}@1"}"""), "Deploy?")) };
        await using var bench = new AgentBench(TestAgents.Clerk(deploy), new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Done));
        var log = await bench.Start("deploy v2");
        Assert.Equal("""{"item":"v2@1"}""", log.Thread.OpenRequests[0].Asked.Action!.Arguments.Text);

        await bench.Host.Answer(log.Thread.Id, AgentBench.Me, null, true, null, null, JsonText.Parse("""{"item":"v3"}"""));

        log = await bench.Settle(log.Thread.Id);
        Assert.Equal(("""{"item":"v3@1"}""", "Things changed since this was approved. Deploy?"), (log.Thread.OpenRequests[0].Asked.Action!.Arguments.Text, log.Thread.OpenRequests[0].Asked.Question));
        Assert.Empty(_outside.Done);
    }

    [Fact]
    [Trait("Accepts", "A2H.4")]
    public async Task A_prepared_reason_to_reject_begins_the_feedback()
    {
        var model = new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(_outside.Deploy with { RejectOptions = [new("backend_first", PromptFill: "deploy the backend first")] }), model);
        var log = await bench.Start("deploy v2");

        await bench.Host.Answer(log.Thread.Id, AgentBench.Me, null, false, JsonText.Of("backend_first"), "please");

        await bench.Settle(log.Thread.Id);
        Assert.Contains("response: \"deploy denied: deploy the backend first please\"", model.Prompts[1].User, StringComparison.Ordinal);
        Assert.Empty(_outside.Done);
    }

    [Fact]
    [Trait("Accepts", "A2H.7")]
    public async Task What_policy_says_of_people_is_stored_with_the_request()
    {
        var policy = new PeoplePolicy(AnswerableBy.Human, ["@mia"], ["ops"], TimeSpan.FromHours(1), "boss", TimeSpan.FromHours(4), TimeSpan.FromDays(2));
        await using var bench = new AgentBench(TestAgents.Clerk(_outside.Deploy) with { People = policy }, new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Done));

        var asked = (await bench.Start("deploy v2")).Thread.OpenRequests[0].Asked;

        Assert.Equal((AnswerableBy.Human, "@mia", asked.At.AddDays(2)), (asked.AnswerableBy, Assert.Single(asked.Responders!), asked.DueAt));
        Assert.Equal(("ops", asked.At.AddHours(1), "boss", asked.At.AddHours(4)), (Assert.Single(asked.Reach!.Channels), asked.Reach.RemindAt, asked.Reach.EscalateTo, asked.Reach.EscalateAt));
    }
}
