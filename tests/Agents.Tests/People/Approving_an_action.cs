using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.People;

public sealed class Approving_an_action
{
    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "F8.1")]
    [Trait("Accepts", "F8.2")]
    [Trait("Accepts", "F8.4")]
    [Trait("Accepts", "F6.4")]
    public async Task A_yes_runs_the_tool_once_and_the_loop_goes_on()
    {
        var model = new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Done);
        await using var bench = new AgentBench(_outside.Clerk, model);

        var log = await bench.Start("deploy v2");
        Assert.Empty(_outside.Done);
        Assert.Equal(1, model.Calls);
        Assert.Equal(ActionDigest.Bind("deploy", JsonText.Parse("""{"item":"v2"}""")), log.Thread.OpenRequests[0].Asked.Action);

        log = await bench.Answer(log, approved: true);

        Assert.Equal(["deploy v2 call_2"], _outside.Done);
        Told.Is(log,
            """started: {"message":"deploy v2"}""",
            """chosen: deploy {"item":"v2"}""",
            "approval: Run deploy with item v2?",
            "answered: yes",
            "tool started: call_2, attempt 1",
            """tool returned: call_2 {"did":"deploy v2"}""",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.Contains("<deploy_result>\ndid: deploy v2\n</deploy_result>", model.Prompts[1].User, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "F8.3")]
    [Trait("Accepts", "R.9")]
    [InlineData("ship v3 instead", "answered: no (ship v3 instead)", "response: \"deploy denied: ship v3 instead\"")]
    [InlineData(null, "answered: no", "response: \"deploy denied: no comment given\"")]
    public async Task A_no_runs_nothing_and_the_model_proposes_something_else(string? comment, string told, string shown)
    {
        var model = new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Step("deploy", "v3"));
        await using var bench = new AgentBench(_outside.Clerk, model);

        var log = await bench.Answer(await bench.Start("deploy v2"), approved: false, comment: comment);

        Assert.Empty(_outside.Done);
        Told.Ends(log, "approval: Run deploy with item v2?", told, """chosen: deploy {"item":"v3"}""", "approval: Run deploy with item v3?");
        Assert.Contains($"<human_response>\napproved: false\n{shown}\nuser: mia\n</human_response>", model.Prompts[1].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F8.3")]
    public async Task The_example_of_the_calculator()
    {
        var model = new ScriptedModel("""{"intent":"divide","a":3,"b":4}""", """{"intent":"divide","a":3,"b":5}""", """{"intent":"done_for_now","message":"The result is 0.6."}""");
        await using var bench = new AgentBench(TestAgents.Calculator, model);

        var log = await bench.Answer(await bench.Start("divide 3 by 4"), approved: false, comment: "use 5");
        log = await bench.Answer(log, approved: true);

        Told.Is(log,
            """started: {"message":"divide 3 by 4"}""",
            """chosen: divide {"a":3,"b":4}""",
            "approval: Run divide with a 3, b 4?",
            "answered: no (use 5)",
            """chosen: divide {"a":3,"b":5}""",
            "approval: Run divide with a 3, b 5?",
            "answered: yes",
            "tool started: call_5, attempt 1",
            "tool returned: call_5 0.6",
            """chosen: done_for_now {"message":"The result is 0.6."}""",
            """completed: {"message":"The result is 0.6."}""");
    }

    [Fact]
    [Trait("Accepts", "R.1")]
    [Trait("Accepts", "F1.4")]
    public async Task What_was_approved_is_what_runs_or_it_is_asked_again()
    {
        var head = "aaa";
        string? ran = null;
        var deploy = TestAgents.Tool("deploy", Effect.Effectful, call => $"\"{ran = call.Arguments.Element().GetProperty("sha").GetString()}\"") with
        {
            Route = Route.Approve,
            Preview = (_, _) => Task.FromResult(new Preview(JsonText.Parse($$"""{"sha":"{{head}}"}"""), $"Deploy {head}?", $"**{head}** goes live")),
        };
        await using var bench = new AgentBench(TestAgents.Clerk(deploy), new ScriptedModel(TestAgents.Step("deploy", "HEAD"), TestAgents.Done));
        var log = await bench.Start("deploy HEAD");
        Assert.Equal("approval: Deploy aaa?\n**aaa** goes live", Told.Asked(log));

        head = "bbb";
        log = await bench.Answer(log, approved: true);
        Assert.Null(ran);
        Told.Ends(log, "answered: yes", "approval: Things changed since this was approved. Deploy bbb?");
        Assert.Equal("""{"sha":"bbb"}""", log.Thread.OpenRequests[0].Asked.Action!.Arguments.Text);

        log = await bench.Answer(log, approved: true);
        Assert.Equal("bbb", ran);
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "F1.4")]
    public async Task A_preview_that_throws_fails_the_call_and_asks_nobody()
    {
        var deploy = _outside.Deploy with { Preview = (_, _) => throw new ToolException("there is no commit v2") };
        var model = new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(deploy), model);

        var log = await bench.Start("deploy v2");

        Told.Is(log,
            """started: {"message":"deploy v2"}""",
            """chosen: deploy {"item":"v2"}""",
            "tool failed: call_2 there is no commit v2",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.Contains("<error>\ndeploy failed: there is no commit v2\n</error>", model.Prompts[1].User, StringComparison.Ordinal);
        Assert.Empty(_outside.Done);
    }

    [Theory]
    [Trait("Accepts", "P.3")]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public async Task Where_only_a_person_may_answer_the_caller_may_not(bool tool, bool agent, bool server)
    {
        var clerk = TestAgents.Clerk(_outside.Deploy with { AnswerableBy = tool ? AnswerableBy.Human : AnswerableBy.Caller })
            with
        { People = agent ? AnswerableBy.Human : AnswerableBy.Caller };
        await using var bench = new AgentBench(clerk, new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Done), server ? AnswerableBy.Human : AnswerableBy.Caller);
        var log = await bench.Start("deploy v2");
        Assert.Equal(AnswerableBy.Human, log.Thread.OpenRequests[0].Asked.AnswerableBy);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Answer(log, approved: true));

        Assert.Equal(RefusalCode.HumanRequired, refused.Code);
        log = await bench.Settle(log.Thread.Id);
        Told.Ends(log, "approval: Run deploy with item v2?", "answer refused: only a person may answer this");
        Assert.Empty(_outside.Done);

        await bench.Host.Answer(log.Thread.Id, AgentBench.Me with { IsHuman = true, Channel = "cli" }, null, true, null, null);
        Assert.Equal(ThreadStatus.Completed, (await bench.Settle(log.Thread.Id)).Thread.Status);
        Assert.Equal(["deploy v2 call_2"], _outside.Done);
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public async Task An_answer_to_an_old_request_runs_nothing()
    {
        await using var bench = new AgentBench(_outside.Clerk, new ScriptedModel(TestAgents.Step("deploy", "v2"), TestAgents.Step("deploy", "v3")));
        var log = await bench.Answer(await bench.Start("deploy v2"), approved: false);

        await bench.Host.Answer(log.Thread.Id, AgentBench.Me, new RequestId(3), false, null, null);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Answer(log.Thread.Id, AgentBench.Me, new RequestId(3), true, null, null));

        Assert.Equal(RefusalCode.AlreadyAnswered, refused.Code);
        Assert.Equal(Told.Of(log), Told.Of(await bench.Settle(log.Thread.Id)));
        Assert.Empty(_outside.Done);
    }
}
