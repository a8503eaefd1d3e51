using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.Agents.Tests.Bench.Logs;

namespace AgentMcp.Agents.Tests.Prompts;

public sealed class Each_event_has_its_own_rendering
{
    [Fact]
    [Trait("Accepts", "F3.1")]
    [Trait("Accepts", "DB.7")]
    public void The_golden_rendering_of_a_rejected_deploy()
    {
        var deployment = """{"vercel_deployment":{"deployment_id":"dpl_1","git_commit_sha":"9f2c1ab"},"previous_deployment":{"deployment_id":"dpl_0","git_commit_sha":"51e07dd"}}""";

        Assert.Equal("""
            <slack_message_received>
            from: "@mia"
            channel: "#releases"
            text: please ship the newest build to production
            </slack_message_received>

            <promote_vercel_deployment>
            vercel_deployment:
              deployment_id: dpl_1
              git_commit_sha: 9f2c1ab
            previous_deployment:
              deployment_id: dpl_0
              git_commit_sha: 51e07dd
            </promote_vercel_deployment>

            <human_response>
            approved: false
            response: "promote_vercel_deployment denied: deploy the backend first"
            user: "@ravi"
            </human_response>
            """,
            Shown(
                Started("""{"from":"@mia","channel":"#releases","text":"please ship the newest build to production"}""", "slack_message_received"),
                Chose("promote_vercel_deployment", deployment),
                AskedLeave("promote_vercel_deployment", deployment),
                Answered(3, approved: false, comment: "deploy the backend first", by: "@ravi")));
    }

    [Theory]
    [Trait("Accepts", "A2H.3")]
    [InlineData(true, null, "approved: true\nuser: mia")]
    [InlineData(true, "go ahead", "approved: true\nresponse: go ahead\nuser: mia")]
    [InlineData(false, null, "approved: false\nresponse: \"deploy denied: no comment given\"\nuser: mia")]
    [InlineData(false, "  ", "approved: false\nresponse: \"deploy denied: no comment given\"\nuser: mia")]
    [InlineData(false, "not today", "approved: false\nresponse: \"deploy denied: not today\"\nuser: mia")]
    public void An_approval(bool approved, string? comment, string body) =>
        Assert.EndsWith($"\n\n<human_response>\n{body}\n</human_response>", Shown(
            Started("{}"), Chose("deploy", "{}"), AskedLeave("deploy", "{}"), Answered(3, approved, comment: comment)), StringComparison.Ordinal);

    [Theory]
    [Trait("Accepts", "F7.4")]
    [InlineData("\"Thursday\"", null, "response: Thursday\nuser: mia")]
    [InlineData("\"Thursday\"", "but not before noon", "response: Thursday\ncomment: but not before noon\nuser: mia")]
    [InlineData("""{"day":"Thursday","hours":[9,10]}""", null, "response:\n  day: Thursday\n  hours:\n  - 9\n  - 10\nuser: mia")]
    public void An_answer_in_words(string response, string? comment, string body) =>
        Assert.EndsWith($"\n\n<human_response>\n{body}\n</human_response>", Shown(
            Started("{}"), Chose("request_more_information", """{"message":"When?"}"""), Asked(RequestKind.Question), Answered(3, response: response, comment: comment)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"outcome":"done","result":"#7"}""", null, "response: \"about pay, which was cut off: it happened\"\nuser: mia")]
    [InlineData("""{"outcome":"run_again"}""", null, "response: \"about pay, which was cut off: run it again\"\nuser: mia")]
    [InlineData("""{"outcome":"skip"}""", "the shop is closed", "response: \"about pay, which was cut off: leave it, it is not run\"\ncomment: the shop is closed\nuser: mia")]
    public void What_became_of_a_doubt(string response, string? comment, string body) =>
        Assert.Contains($"\n\n<human_response>\n{body}\n</human_response>", Shown(
            Started("{}"), Chose("pay", "{}"), Began(2), Asked(RequestKind.InDoubt), Answered(4, response: response, comment: comment)), StringComparison.Ordinal);

    [Fact]
    [Trait("Accepts", "F8.7")]
    public void A_doubt_that_nobody_settled_before_it_expired() =>
        Assert.EndsWith("""
            <pay>
            {}
            </pay>

            <human_response>
            response: "about pay, which was cut off: it may have happened, and nobody said whether it did before the request expired. Do not start it again unless that is known to be harmless."
            </human_response>
            """, Shown(Started("{}"), Chose("pay", "{}"), Began(2), Asked(RequestKind.InDoubt), new RequestExpired(At, new(4))), StringComparison.Ordinal);

    [Fact]
    public void A_wait_that_ended_by_itself() =>
        Assert.EndsWith("<await>\nseconds: 30\n</await>\n\n<await_result>\nthe wait is over\n</await_result>", Shown(
            Started("{}"), Chose("await", """{"seconds":30}"""), Asked(RequestKind.Sleep), new SleepEnded(At, new(3))), StringComparison.Ordinal);

    [Theory]
    [Trait("Accepts", "F7.4")]
    [InlineData("\"stop waiting, it is live\"", "response: stop waiting, it is live\nuser: mia")]
    [InlineData(null, "response: woken before the wait was over\nuser: mia")]
    public void A_wait_that_a_person_ended(string? response, string body) =>
        Assert.EndsWith($"<await>\nseconds: 30\n</await>\n\n<human_response>\n{body}\n</human_response>", Shown(
            Started("{}"), Chose("await", """{"seconds":30}"""), Asked(RequestKind.Sleep), Answered(3, response: response)), StringComparison.Ordinal);

    [Fact]
    [Trait("Accepts", "F6.9")]
    public void A_result_that_came_late_looks_like_one_that_came_at_once() =>
        Assert.Equal(
            Shown(Started("{}"), Chose("build", "{}"), Began(2), Returned(2, """{"run":7}""")),
            Shown(Started("{}"), Chose("build", "{}"), Began(2), Asked(RequestKind.ExternalResult), Answered(4, response: """{"run":7}"""), Returned(2, """{"run":7}""")));

    [Fact]
    [Trait("Accepts", "F3.3")]
    public void How_the_run_was_kept_is_not_told() =>
        Assert.Equal("<message_received>\n{}\n</message_received>\n\n<done_for_now>\nmessage: bye\n</done_for_now>\n\n<message_received>\nmessage: and now?\n</message_received>", Shown(
            Started("{}"),
            Asked(RequestKind.NextStep), new AnswerRefused(At, new(2), "eve", "http", "no"), Answered(2, response: """{"intent":"done_for_now"}""", comment: "of the caller"),
            Chose("done_for_now", """{"message":"bye"}"""), new ThreadCompleted(At, JsonText.Null),
            new MessageReceived(At, JsonText.Of("and now?"), "mia", "stdio"),
            new ThreadForked(At, ThreadId.New(At), 7, "mia", "stdio"),
            new ThreadCancelled(At, "mia", "stdio")));
}
