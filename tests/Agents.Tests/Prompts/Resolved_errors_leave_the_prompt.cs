using AgentMcp.Agents.Tests.Bench;
using static AgentMcp.Agents.Tests.Bench.Logs;

namespace AgentMcp.Agents.Tests.Prompts;

public sealed class Resolved_errors_leave_the_prompt
{
    private const string Begin = "<message_received>\n{}\n</message_received>\n\n";

    [Fact]
    [Trait("Accepts", "F9.1")]
    [Trait("Accepts", "F9.7")]
    public void An_open_error_is_shown_with_its_call() =>
        Assert.Equal(Begin + "<look>\nitem: tea\n</look>\n\n<error>\nlook failed: the shop is closed\n</error>",
            Shown(Started("{}"), Chose("look", """{"item":"tea"}"""), Began(2), Failed(2, "the shop is closed")));

    [Fact]
    [Trait("Accepts", "F9.2")]
    public async Task After_a_success_they_are_gone_from_the_prompt_and_stay_in_the_log()
    {
        var shut = true;
        var look = TestAgents.Tool("look", Tools.Effect.ReadOnly, call =>
        {
            (var closed, shut) = (shut, false);
            return closed ? throw new Tools.ToolException("the shop is closed") : "\"two left\"";
        });
        var model = new ScriptedModel(TestAgents.Step("look", "tea"), TestAgents.Step("look", "tea"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(look), model);

        var log = await bench.Start("x");

        Assert.StartsWith("<message_received>\nmessage: x\n</message_received>\n\n<look>\nitem: tea\n</look>\n\n<look_result>\ntwo left\n</look_result>\n\nWhat is", model.Prompts[2].User, StringComparison.Ordinal);
        Assert.Contains("tool failed: call_2 the shop is closed", Told.Of(log));
    }

    [Fact]
    [Trait("Accepts", "F9.2")]
    public void A_bare_yes_to_the_failed_call_goes_with_it_and_words_stay() =>
        Assert.Equal(Begin + "<human_response>\napproved: true\nresponse: but hurry\nuser: mia\n</human_response>\n\n<deploy>\nitem: b\n</deploy>\n\n<human_response>\napproved: true\nuser: mia\n</human_response>\n\n<deploy_result>\nok\n</deploy_result>",
            Shown(
                Started("{}"),
                Chose("deploy", """{"item":"a"}"""), AskedLeave("deploy", """{"item":"a"}"""), Answered(3, true), Began(2), Failed(2, "no"),
                Chose("deploy", """{"item":"a"}"""), AskedLeave("deploy", """{"item":"a"}"""), Answered(8, true, comment: "but hurry"), Began(7), Failed(7, "no"),
                Chose("deploy", """{"item":"b"}"""), AskedLeave("deploy", """{"item":"b"}"""), Answered(13, true), Began(12), Returned(12, "\"ok\"")));

    [Fact]
    [Trait("Accepts", "F9.5")]
    public void Several_errors_of_one_tool_are_one_block() =>
        Assert.Equal(Begin + "<look>\nitem: c\n</look>\n\n<error>\nlook failed 3 times. The last time: third\n</error>",
            Shown(Started("{}"),
                Chose("look", """{"item":"a"}"""), Began(2), Failed(2, "first"),
                Chose("look", """{"item":"b"}"""), Began(5), Failed(5, "second"),
                Chose("look", """{"item":"c"}"""), Began(8), Failed(8, "third")));

    [Fact]
    [Trait("Accepts", "R.8")]
    public void Each_error_names_the_tool_that_failed() =>
        Assert.Equal(Begin + "<look>\n{}\n</look>\n\n<error>\nlook failed: no shop\n</error>\n\n<pay>\n{}\n</pay>\n\n<error>\npay failed: no money\n</error>\n\n<store>\n{}\n</store>\n\n<store_result>\nkept\n</store_result>",
            Shown(Started("{}"), Chose("look", "{}"), Began(2), Failed(2, "no shop"), Chose("pay", "{}"), Began(5), Failed(5, "no money"),
                Chose("store", "{}"), Began(8), Returned(8, "\"kept\"")));

    [Fact]
    [Trait("Accepts", "F9.2")]
    public void A_rejected_step_is_over_once_any_tool_succeeds() =>
        Assert.Equal(Begin + "<look>\n{}\n</look>\n\n<look_result>\n1\n</look_result>",
            Shown(Started("{}"), Rejected("no JSON"), Rejected("no JSON again"), Chose("look", "{}"), Began(4), Returned(4, "1")));

    [Fact]
    [Trait("Accepts", "F9.5")]
    public void Rejected_steps_in_a_row_are_one_block() =>
        Assert.Equal(Begin + "<error>\nThe step was rejected 2 times. The last time: no JSON again\n</error>",
            Shown(Started("{}"), Rejected("no JSON"), Rejected("no JSON again")));
}
