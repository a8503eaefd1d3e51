using AgentMcp.Server.Tests.Triggers;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>A request that was told and reminded of is closed, and Slack refuses to rewrite the first of the two messages.</summary>
public sealed class Slack_messages_that_cannot_be_rewritten
{
    [Theory]
    [InlineData("message_not_found")]
    [InlineData("cant_update_message")]
    public async Task One_that_is_gone_is_done_and_those_after_it_are_rewritten(string refusal)
    {
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("ops", "remind_after=0.2s"));
        var (first, second) = await Close(bench, slack, refusal);

        Assert.Equal([(first, refusal), (second, null)], [await Updated(slack), await Updated(slack)]);
        Assert.Equal("delivered 1", await bench.Found("SELECT concat_ws(' ', state, attempts, error) FROM deliveries WHERE kind = 'closed' AND state <> 'open'"));
    }

    [Fact]
    public async Task One_that_is_refused_for_now_is_tried_again_and_those_after_it_do_not_wait_for_that()
    {
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("ops", "remind_after=0.2s"));
        var (first, second) = await Close(bench, slack, "internal_error");

        Assert.Equal([(first, "internal_error"), (second, null), (first, null), (second, null)], [await Updated(slack), await Updated(slack), await Updated(slack), await Updated(slack)]);
    }

    private static async Task<(string First, string Second)> Close(Bench bench, SlackDouble slack, string refusal)
    {
        var asked = await bench.AskToDivide();
        var (first, second) = (await slack.Next("chat.postMessage"), await slack.Next("chat.postMessage"));
        await bench.Found("SELECT 1 FROM deliveries WHERE kind = 'reminder' AND state = 'delivered'");
        slack.Errors.Enqueue(refusal);
        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });
        return (first.Ts, second.Ts);
    }

    private static async Task<(string Ts, string? Problem)> Updated(SlackDouble slack) => await slack.Next("chat.update") is var update ? (update.Ts, update.Problem) : default;
}
