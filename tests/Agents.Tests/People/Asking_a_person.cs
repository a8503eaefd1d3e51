using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.People;

public sealed class Asking_a_person
{
    [Fact]
    [Trait("Accepts", "F8.1")]
    [Trait("Accepts", "F7.4")]
    public async Task A_clarification_stops_and_waits_and_its_answer_reaches_the_model()
    {
        var model = new ScriptedModel("""{"intent":"request_more_information","message":"Which number?"}""", TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Calculator, model);

        var log = await bench.Start("multiply 3 and foo");
        Told.Is(log,
            """started: {"message":"multiply 3 and foo"}""",
            """chosen: request_more_information {"message":"Which number?"}""",
            "question: Which number?");
        Assert.Equal(1, model.Calls);

        log = await bench.Answer(log, response: "use 12 instead");
        Told.Ends(log, "answered: \"use 12 instead\"", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
        Assert.Equal(new RequestAnswered(bench.Clock.GetUtcNow(), new RequestId(3), "mia", "stdio", Response: JsonText.Of("use 12 instead")), log.Events[3]);
        Assert.Contains("<human_response>\nresponse: use 12 instead\nuser: mia\n</human_response>", model.Prompts[1].User, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Accepts", "F7.2")]
    [InlineData("""{"question":"Ship?"}""", "\"whenever you like\"", null)]
    [InlineData("""{"question":"Ship?","options":{"format":"free_text","choices":["now","later"]}}""", "\"in May\"", null)]
    [InlineData("""{"question":"Ship?","options":{"format":"yes_no","urgency":"high"}}""", "\"yes\"", "\"maybe\"")]
    [InlineData("""{"question":"Ship?","options":{"format":"multiple_choice","choices":["now","later"]}}""", "\"later\"", "\"in May\"")]
    public async Task Free_text_yes_or_no_or_a_choice(string arguments, string fits, string? misses)
    {
        var model = new ScriptedModel(arguments.Insert(1, "\"intent\":\"request_human_input\","), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(), model);
        var log = await bench.Start("x");

        if (misses is not null)
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => bench.AnswerJson(log, null, JsonText.Parse(misses)));
            Assert.Equal(RefusalCode.InvalidResponse, refused.Code);
            Assert.StartsWith("The response does not fit: 'value' must be one of \"", refused.Message, StringComparison.Ordinal);
            Assert.Equal(ThreadStatus.Pending, bench.Store.Read(log.Thread.Id).Thread.Status);
        }

        var wrong = await Assert.ThrowsAsync<RefusedException>(() => bench.Answer(log, approved: true));
        Assert.Equal(RefusalCode.WrongAnswer, wrong.Code);
        Assert.Equal(ThreadStatus.Completed, (await bench.AnswerJson(log, null, JsonText.Parse(fits))).Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "F7.2")]
    public async Task A_choice_without_choices_is_no_question()
    {
        var model = new ScriptedModel("""{"intent":"request_human_input","question":"Ship?","options":{"format":"multiple_choice"}}""", TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(), model);

        Assert.Contains("rejected: request_human_input: a multiple_choice question needs choices.", Told.Of(await bench.Start("x")));
    }

    [Fact]
    [Trait("Accepts", "F7.2")]
    public async Task The_question_carries_its_context_and_choices()
    {
        var model = new ScriptedModel("""{"intent":"request_human_input","question":"Ship?","context":"All tests pass.","options":{"format":"multiple_choice","choices":["now","later"]}}""");
        await using var bench = new AgentBench(TestAgents.Clerk(), model);

        var asked = (await bench.Start("x")).Thread.OpenRequests[0].Asked;

        Assert.Equal(("Ship?", "All tests pass.", """{"type":"string","enum":["now","later"]}"""), (asked.Question, asked.Context, asked.Schema!.Value.Text));
        Assert.Equal([new ResponseOption("now"), new ResponseOption("later")], asked.Options!);
    }

    [Fact]
    [Trait("Accepts", "F7.3")]
    public void Being_done_and_asking_are_different_intents() =>
        Assert.Equal(["Ask request_more_information", "Ask request_human_input", "Done nothing_to_do", "Sleep await", "Done done_for_now"],
            TestAgents.Clerk().Intents.Select(intent => $"{intent.GetType().Name} {intent.Name}"));

    [Fact]
    [Trait("Accepts", "F7.6")]
    public async Task A_completed_thread_that_is_spoken_to_goes_on_with_all_it_knows()
    {
        var model = new ScriptedModel("""{"intent":"multiply","a":3,"b":4}""", TestAgents.Done, """{"intent":"add","a":12,"b":1}""", TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Calculator, model);
        var log = await bench.Start("multiply 3 and 4");

        log = await bench.Answer(log, response: "now add 1");

        Told.Ends(log,
            """completed: {"message":"done"}""",
            "message: \"now add 1\"",
            """chosen: add {"a":12,"b":1}""",
            "tool started: call_8, attempt 1",
            "tool returned: call_8 13",
            """chosen: done_for_now {"message":"done"}""",
            """completed: {"message":"done"}""");
        Assert.StartsWith("<message_received>\nmessage: multiply 3 and 4\n</message_received>\n\n<multiply>\na: 3\nb: 4\n</multiply>\n\n<multiply_result>\n12\n</multiply_result>\n\n<done_for_now>\nmessage: done\n</done_for_now>\n\n<message_received>\nmessage: now add 1\n</message_received>\n\nWhat is",
            model.Prompts[2].User, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "F7.7")]
    public async Task A_schedule_starts_a_thread_that_contacts_a_person_first()
    {
        var agent = TestAgents.Clerk() with { Input = JsonText.Parse("""{"type":"object","properties":{"schedule":{"type":"string"}},"required":["schedule"]}""") };
        var model = new ScriptedModel("""{"intent":"request_human_input","question":"Three commits wait. Deploy them?"}""");
        await using var bench = new AgentBench(agent, model);

        var log = await bench.Start(JsonText.Parse("""{"schedule":"daily"}"""), "schedule_fired");

        Assert.StartsWith("<schedule_fired>\nschedule: daily\n</schedule_fired>\n\nWhat is", model.Prompts[0].User, StringComparison.Ordinal);
        Assert.Equal("question: Three commits wait. Deploy them?", Told.Asked(log));
    }

    [Fact]
    [Trait("Accepts", "R.12")]
    public async Task Two_answers_at_once_make_one_turn()
    {
        var model = new ScriptedModel("""{"intent":"request_more_information","message":"Which?"}""", TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Calculator, model);
        var id = (await bench.Start("x")).Thread.Id;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            bench.Host.Answer(id, AgentBench.Me, new RequestId(3), null, JsonText.Of("this one"), null))));
        var log = await bench.Settle(id);

        Assert.Equal(2, model.Calls);
        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Single(log.Events.OfType<RequestAnswered>());
    }
}
