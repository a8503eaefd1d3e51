using System.Text.Json;

namespace AgentMcp.Server.Tests.Channels;

public sealed class Slack_messages_of_an_earlier_version
{
    [Fact]
    public async Task They_are_answered_without_a_mark_of_what_was_asked()
    {
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("ops", "approvals=human"));
        var interactions = bench.Url("/slack/ops/interactions");
        var asked = await bench.AskToDivide();
        var message = await slack.Next("chat.postMessage");
        await slack.Send(interactions, Pressed(message, new { action_id = "reject", value = asked.RequestId }));
        var form = await slack.Next("views.open");
        await slack.Send(interactions, JsonSerializer.Serialize(new
        {
            type = "view_submission",
            user = new { id = "U0MIA", username = "mia" },
            view = new
            {
                callback_id = "reject",
                private_metadata = $"{asked.RequestId}|{SlackDouble.Place}|{message.Ts}",
                state = new { values = new { words = new { words = new { type = "plain_text_input", value = "use 5 instead" } } } },
            },
        }));
        await slack.Next();
        await slack.Next();
        Assert.Equal("use 5 instead", Assert.Single(await bench.Events(asked.ThreadId, "request_answered")).GetProperty("comment").GetString());
        Assert.Matches($@"^{asked.RequestId}\|{SlackDouble.Place}\|{message.Ts}\|[0-9a-f]{{16}}$", form.Body.GetProperty("view").GetProperty("private_metadata").GetString());

        var choices = await bench.Ask(new { intent = "request_human_input", question = "Which one?", options = new { format = "multiple_choice", choices = Enumerable.Range(1, 30).Select(i => $"number {i}").ToArray() } });
        var menu = await slack.Next("chat.postMessage");
        await slack.Send(interactions, Pressed(menu, new { action_id = "menu", selected_option = new { value = $"choice:11|{choices.RequestId}" } }));
        await slack.Next("chat.update");
        Assert.Contains(await bench.Events(choices.ThreadId, "request_answered"), answered => answered.TryGetProperty("response", out var response) && response.ToString() == "number 12");

        static string Pressed(SlackDouble.Call message, object action) => JsonSerializer.Serialize(new
        {
            type = "block_actions",
            user = new { id = "U0MIA", username = "mia" },
            container = new { message_ts = message.Ts, channel_id = SlackDouble.Place },
            trigger_id = "1",
            actions = new[] { action },
        });
    }
}
