using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Xunit;

namespace AgentMcp.Agents.Tests;

public sealed class What_the_deploybot_rules_choose
{
    private const string New = "9f2c1ab000000000000000000000000000000000";
    private const string Old = "51e07dd000000000000000000000000000000000";

    private const string NewCommit =
        $$"""{"sha":"{{New}}","author":"Mia","date":"2026-01-31T10:01:00+00:00","message":"Fix login","url":"https://x.example/c/9f2c1ab","tags":[],"markdown":"`9f2c1ab` Fix login (Mia, 2026-01-31 10:01 UTC) [commit](https://x.example/c/9f2c1ab)"}""";

    private const string OldCommit =
        $$"""{"sha":"{{Old}}","author":"Ravi","date":"2026-01-31T10:00:00+00:00","message":"Add search","tags":["v1.0.0"],"markdown":"`51e07dd` Add search (Ravi, 2026-01-31 10:00 UTC)"}""";

    private const string Commits = $$"""{"commits":[{{NewCommit}},{{OldCommit}}],"backend_in_production":"{{Old}}"}""";

    private const string NewBuild =
        $$"""{"deployment_id":"dpl_1","git_commit_sha":"{{New}}","url":"https://x.example/d/1","status":"staged","created_at":"2026-01-31T11:01:00+00:00","author":"Mia","commit_message":"Fix login","current":false,"markdown":"`dpl_1` from `9f2c1ab` Fix login (Mia, 2026-01-31 11:01 UTC, staged) [deployment](https://x.example/d/1)"}""";

    private const string OldBuild =
        $$"""{"deployment_id":"dpl_0","git_commit_sha":"{{Old}}","url":"https://x.example/d/0","status":"ready","created_at":"2026-01-31T11:00:00+00:00","author":"Ravi","commit_message":"Add search","current":true,"markdown":"`dpl_0` from `51e07dd` Add search (Ravi, 2026-01-31 11:00 UTC, ready) [deployment](https://x.example/d/0)"}""";

    private const string Builds = $$"""{"deployments":[{{NewBuild}},{{OldBuild}}]}""";
    private const string PushNew = $$"""{"intent":"tag_push_prod","new_commit":{{NewCommit}},"previous_commit":{{OldCommit}}}""";
    private const string PromoteNew = $$"""{"intent":"promote_vercel_deployment","vercel_deployment":{{NewBuild}},"previous_deployment":{{OldBuild}}}""";
    private const string AllCommits = """{"intent":"list_git_commits","limit":20}""";
    private const string AllBuilds = """{"intent":"list_vercel_deployments"}""";
    private const string Pushed = $$"""{"sha":"{{New}}","tag":"prod-20260201-120000-9f2c1ab","pushed_to":"origin","url":"https://x.example/c/9f2c1ab"}""";
    private const string Promoted = $$"""{"deployment_id":"dpl_1","git_commit_sha":"{{New}}","url":"https://x.example/d/1"}""";

    private const string Examples =
        "I can deploy to production (\"deploy the latest commit to production\", \"deploy SHA <sha>\", \"deploy the backend\", \"deploy the frontend\"), say what is live, show the latest commits, and tell whether anything waits to be deployed. What would you like?";

    [Fact, Trait("Accepts", "D.2")]
    public void The_frontend_is_proposed_first_and_a_comment_turns_the_order_round()
    {
        var story = new Story("deploy the latest commit to production");

        story.Chooses(AllCommits).Returns(Commits);
        story.Chooses(AllBuilds).Returns(Builds);
        story.Chooses(PromoteNew).IsRejected("deploy the backend first");
        story.Chooses(PushNew).IsApproved().Returns(Pushed);
        story.Chooses(PromoteNew).IsApproved().Returns(Promoted);
        story.Chooses("""{"intent":"done_for_now","message":"Backend: deployed 9f2c1ab with tag prod-20260201-120000-9f2c1ab. https://x.example/c/9f2c1ab\nFrontend: promoted dpl_1 (built from 9f2c1ab). https://x.example/d/1"}""");
    }

    [Fact]
    public void After_the_frontend_comes_the_backend()
    {
        var story = new Story("please ship the newest build to production", slack: true);

        story.Chooses(AllCommits).Returns(Commits);
        story.Chooses(AllBuilds).Returns(Builds);
        story.Chooses(PromoteNew).IsApproved().Returns(Promoted);
        story.Chooses(PushNew).IsApproved().Returns(Pushed);
    }

    [Theory]
    [InlineData("deploy the backend", PushNew)]
    [InlineData("Deploy SHA 9f2c1ab to backend production", PushNew)]
    [InlineData("can you push commit 9F2C1AB0000 to the back-end?", PushNew)]
    [InlineData("no, deploy the backend", PushNew)]
    [InlineData("deploy the backend, not the frontend", PushNew)]
    public void A_backend_deploy_needs_the_commits_alone(string message, string step) =>
        new Story(message).Chooses(AllCommits).Returns(Commits).Chooses(step);

    [Theory]
    [InlineData("deploy the frontend", PromoteNew)]
    [InlineData("promote the website to 9f2c1ab", PromoteNew)]
    [InlineData("deploy SHA 9f2c1ab to production", PromoteNew)]
    [InlineData("deploy the backend first, then the frontend", PushNew)]
    [InlineData("deploy the frontend after the backend", PushNew)]
    [InlineData("deploy v1.0.0 to the backend", """{"intent":"done_for_now","message":"Backend: 51e07dd is already in production."}""")]
    [InlineData("deploy the frontend of v1.0.0", """{"intent":"done_for_now","message":"Frontend: dpl_0 is already in production."}""")]
    [InlineData("deploy the frontend of abcdef1", """{"intent":"done_for_now","message":"Frontend: there is no finished build of abcdef1, so production stays as it is."}""")]
    [InlineData("deploy the backend abcdef1", """{"intent":"tag_push_prod","new_commit":{"sha":"abcdef1"},"previous_commit":""" + OldCommit + "}")]
    public void With_both_lists_at_hand_the_request_decides(string message, string step) =>
        new Story(message).Knows(Commits, Builds).Chooses(step);

    [Theory, Trait("Accepts", "DB.5")]
    [InlineData("show my three latest commits", """{"intent":"list_git_commits","limit":3}""")]
    [InlineData("is anything waiting to be deployed?", AllCommits)]
    [InlineData("what is live?", AllCommits)]
    public void Looking_begins_with_the_commits(string message, string step) => new Story(message).Chooses(step);

    [Fact]
    public void Questions_are_answered_from_the_lists()
    {
        new Story("show my three latest commits").Knows(Commits, Builds).Chooses(
            """{"intent":"done_for_now","message":"The latest commits:\n- `9f2c1ab` Fix login (Mia, 2026-01-31 10:01 UTC) [commit](https://x.example/c/9f2c1ab)\n- `51e07dd` Add search (Ravi, 2026-01-31 10:00 UTC)"}""");
        new Story("what is live?").Knows(Commits, Builds).Chooses(
            """{"intent":"done_for_now","message":"Live in production:\n- backend: `51e07dd` Add search (Ravi, 2026-01-31 10:00 UTC)\n- frontend: `dpl_0` from `51e07dd` Add search (Ravi, 2026-01-31 11:00 UTC, ready) [deployment](https://x.example/d/0)"}""");
        new Story("is anything waiting to be deployed?").Knows(Commits, Builds).Chooses(
            """{"intent":"done_for_now","message":"1 commit waits to be deployed to the backend:\n- `9f2c1ab` Fix login (Mia, 2026-01-31 10:01 UTC) [commit](https://x.example/c/9f2c1ab)\nA newer build of the frontend is ready:\n- `dpl_1` from `9f2c1ab` Fix login (Mia, 2026-01-31 11:01 UTC, staged) [deployment](https://x.example/d/1)"}""");
    }

    [Fact, Trait("Accepts", "DB.5")]
    public void A_daily_check_is_silent_when_nothing_waits_and_asks_before_it_proposes()
    {
        new Story("daily check").Knows($$"""{"commits":[{{OldCommit}}],"backend_in_production":"{{Old}}"}""", $$"""{"deployments":[{{OldBuild}}]}""")
            .Chooses("""{"intent":"nothing_to_do","message":"Production is up to date."}""");
        new Story("daily check").Knows(Commits, $$"""{"deployments":[{{OldBuild}}]}""")
            .Chooses("""{"intent":"request_more_information","message":"1 commit waits to be deployed to the backend:\n- `9f2c1ab` Fix login (Mia, 2026-01-31 10:01 UTC) [commit](https://x.example/c/9f2c1ab)\nThe frontend is up to date.\n\nShall I deploy the latest to production?"}""")
            .IsTold("yes please").Chooses(AllCommits);
    }

    [Theory]
    [InlineData(null, "no comment given")]
    [InlineData("not now, deploy it tomorrow", "\\\"not now, deploy it tomorrow\\\"")]
    [InlineData("9f2c1ab is broken", "\\\"9f2c1ab is broken\\\"")]
    [InlineData("don't deploy the backend either", "\\\"don't deploy the backend either\\\"")]
    public void A_rejection_without_a_way_on_ends_with_nothing_deployed(string? comment, string why) =>
        new Story("deploy the latest commit to production").Knows(Commits, Builds).Chooses(PromoteNew).IsRejected(comment)
            .Chooses($$"""{"intent":"done_for_now","message":"Nothing was deployed: the frontend deploy was rejected ({{why}})."}""");

    [Fact]
    public void A_rejection_may_name_another_commit_or_only_the_other_part()
    {
        new Story("deploy the backend").Knows(Commits, Builds).Chooses(PushNew).IsRejected("use abcdef1 instead")
            .Chooses("""{"intent":"tag_push_prod","new_commit":{"sha":"abcdef1"},"previous_commit":""" + OldCommit + "}");
        new Story("deploy the latest commit to production").Knows(Commits, Builds).Chooses(PromoteNew).IsRejected("only the backend please")
            .Chooses(PushNew).IsApproved().Returns(Pushed)
            .Chooses("""{"intent":"done_for_now","message":"Backend: deployed 9f2c1ab with tag prod-20260201-120000-9f2c1ab. https://x.example/c/9f2c1ab"}""");
    }

    [Fact]
    public void A_later_rejection_does_not_hide_what_was_deployed() =>
        new Story("deploy the latest commit to production").Knows(Commits, Builds).Chooses(PromoteNew).IsApproved().Returns(Promoted)
            .Chooses(PushNew).IsRejected(null)
            .Chooses("""{"intent":"done_for_now","message":"Frontend: promoted dpl_1 (built from 9f2c1ab). https://x.example/d/1\nNothing else was deployed: the backend deploy was rejected (no comment given)."}""");

    [Fact]
    public void A_failure_is_told_and_not_tried_again_until_somebody_says_so() =>
        new Story("deploy the backend").Chooses(AllCommits).Fails("git log failed: no such repository")
            .Chooses("""{"intent":"request_more_information","message":"list_git_commits failed: git log failed: no such repository. Nothing else was deployed. Say \"try again\" when it is mended, or tell me what to do instead."}""")
            .IsTold("try again").Chooses(AllCommits).Returns(Commits).Chooses(PushNew);

    [Fact]
    public void What_turns_out_to_be_live_already_counts_as_done() =>
        new Story("deploy the backend").Knows(Commits, Builds).Chooses(PushNew).Fails("Commit 9f2c1ab is already in production; there is nothing to deploy to the backend.")
            .Chooses("""{"intent":"done_for_now","message":"Commit 9f2c1ab is already in production; there is nothing to deploy to the backend."}""");

    [Fact]
    public void A_deploy_in_doubt_that_was_left_is_not_proposed_again() =>
        new Story("deploy the backend").Knows(Commits, Builds).Chooses(PushNew).IsApproved().IsInDoubt("""{"outcome":"skip"}""")
            .Chooses("""{"intent":"done_for_now","message":"Nothing was deployed: it is not known what became of the last deploy, and it was left at that."}""");

    [Fact]
    public void A_completed_thread_that_is_spoken_to_looks_again() =>
        new Story("what is live?").Knows(Commits, Builds).Completes().IsTold("then deploy it").Chooses(AllCommits);

    [Theory]
    [InlineData("hello", "request_more_information", Examples)]
    [InlineData("is it safe to deploy on fridays?", "request_more_information", Examples)]
    [InlineData("9f2c1ab", "request_more_information", Examples)]
    [InlineData("do not deploy anything", "done_for_now", "Nothing was deployed.")]
    [InlineData("deploy to staging", "done_for_now", "Nothing was deployed: staging follows every merge by itself, and I only deploy to production.")]
    public void What_is_not_understood_or_not_wanted_proposes_nothing(string message, string intent, string answer) =>
        new Story(message).Chooses(JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("intent", intent);
            json.WriteString("message", answer);
            json.WriteEndObject();
        }).Text);
}
