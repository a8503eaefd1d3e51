using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Crash;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Deploybot_is_started_from_outside : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly Sender _sender = new();

    public void Dispose()
    {
        _sender.Dispose();
        _folder.Dispose();
    }

    [Fact]
    [Trait("Accepts", "DB.6")]
    [Trait("Accepts", "F8.3")]
    public async Task In_slack_a_deploy_is_proposed_rejected_in_words_and_the_other_one_proposed_in_the_same_thread()
    {
        var world = new Monorepo(_folder.Path);
        var untouched = world.Outside;
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("team", "notify=", "approvals=human").Concat(world.Settings).ToDictionary()
            .With("releases", "type=slack", "channel=team", "agent=deploybot", "from=U0MIA"));
        await slack.Tell(bench.Url("/triggers/releases"), new { type = "app_mention", user = "U0MIA", channel = "C0REL", ts = "1.1", text = "<@U0BOT> please ship the newest build to production" });
        var frontend = await slack.Next("chat.postMessage");
        Assert.StartsWith("deploybot asks for approval: Promote deployment dpl_1", frontend.Text, StringComparison.Ordinal);
        await slack.Press(bench.Url("/slack/team/interactions"), frontend, "reject");
        await slack.Submit(bench.Url("/slack/team/interactions"), await slack.Next("views.open"), "deploy the backend first");
        SlackDouble.Call[] then = [await slack.Next(), await slack.Next()];
        var backend = then.Single(call => call.Method == "chat.postMessage");
        Assert.StartsWith("deploybot asks for approval: Deploy ", backend.Text, StringComparison.Ordinal);
        Assert.Equal(("C0REL", "1.1"), (backend.Find("channel"), backend.Find("thread_ts")));

        var thread = await bench.Stands("releases", "C0REL/1.1", "pending");
        Assert.Equal(("tag_push_prod", untouched), (thread.Request.GetProperty("action").GetProperty("tool").GetString(), world.Outside));
        Assert.StartsWith(
            """
            <slack_message_received>
            from: "@mia"
            channel: "#releases"
            text: please ship the newest build to production
            </slack_message_received>
            """.ReplaceLineEndings("\n"), await bench.FirstPrompt(thread.ThreadId, step: 4), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "DB.6")]
    [Trait("Accepts", "F11.5")]
    public async Task A_merge_with_green_tests_and_a_daily_check_come_in_as_envelopes()
    {
        var world = new Monorepo(_folder.Path);
        await using var bench = await Bench.Start(world.Settings.With("ci", "type=webhook", "secret=" + Receiver.Secret, "agent=deploybot"));
        await _sender.Send(bench.Url("/triggers/ci"), "conversation.created", new { user_message = $"The tests of {world.Head[..7]} are green: deploy the backend to production.", conversation_id = "merge-1" });
        await _sender.Send(bench.Url("/triggers/ci"), "conversation.created", new { user_message = "Daily check: is anything waiting to be deployed?", conversation_id = "daily-1" });
        var merged = await bench.Stands("ci", "merge-1", "pending");
        Assert.Equal(("approval", "tag_push_prod"), (merged.Kind, merged.Request.GetProperty("action").GetProperty("tool").GetString()));
        // Something waits: a person is told before anything is proposed, on facts that were there before the first step.
        var daily = await bench.Stands("ci", "daily-1", "pending");
        Assert.Equal(["thread_started", "fetched", "fetched", "step_chosen", "request_opened"], daily.EventTypes);
        Assert.Equal("question", daily.Kind);
    }
}
