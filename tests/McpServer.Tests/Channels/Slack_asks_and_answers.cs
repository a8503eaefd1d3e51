using System.Net;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Channels;

public sealed class Slack_asks_and_answers(Slack_asks_and_answers.Shared shared) : IClassFixture<Slack_asks_and_answers.Shared>
{
    private readonly Bench _bench = shared.Bench;
    private readonly SlackDouble _slack = shared.Slack;

    private Uri Interactions => _bench.Url("/slack/ops/interactions");

    [Fact]
    [Trait("Accepts", "F11.6")]
    public async Task A_button_approves_as_the_one_who_pressed_it_and_the_message_then_says_so()
    {
        var asked = await _bench.AskToDivide();
        var message = await _slack.Next("chat.postMessage");
        Assert.Equal((SlackDouble.Place, "calculator asks for approval: Run divide with a 3, b 4?", null), (message.Find("channel"), message.Text, message.Problem));
        Assert.Equal(["Approve", "Reject…"], message.Labels);
        Assert.Equal("{\n  \"a\": 3,\n  \"b\": 4\n}", message.Blocks.Single(block => block.GetProperty("type").GetString() == "rich_text").GetProperty("elements")[0].GetProperty("elements")[0].GetProperty("text").GetString());

        Assert.Equal(HttpStatusCode.OK, await _slack.Press(Interactions, message, "approve"));
        var update = await _slack.Next("chat.update");
        Assert.Equal((message.Ts, null), (update.Ts, update.Problem));
        Assert.Empty(update.Elements);
        Assert.Equal("Approved by @mia through slack:ops", update.Blocks.Last().GetProperty("elements")[0].GetProperty("text").GetString());
        Assert.Equal("The result is 0.75.", (await _bench.Finished(asked.ThreadId)).Message);
        var answered = Assert.Single(await _bench.Events(asked.ThreadId, "request_answered"));
        Assert.Equal(("@mia", "slack:ops", true), (answered.GetProperty("by").GetString(), answered.GetProperty("channel").GetString(), answered.GetProperty("approved").GetBoolean()));
    }

    [Fact]
    [Trait("Accepts", "F11.4")]
    [Trait("Accepts", "R.9")]
    public async Task Rejecting_asks_why_and_what_follows_stays_in_the_same_slack_thread()
    {
        var asked = await _bench.AskToDivide();
        var first = await _slack.Next("chat.postMessage");
        await _slack.Press(Interactions, first, "reject");
        var form = await _slack.Next("views.open");
        Assert.Equal(("12.34.trigger", null), (form.Find("trigger_id"), form.Problem));
        Assert.Equal("pending", (await _bench.Get(asked.ThreadId)).Status);

        await _slack.Submit(Interactions, form, "use 5 instead");
        SlackDouble.Call[] followed = [await _slack.Next(), await _slack.Next()];
        var update = followed.Single(call => call.Method == "chat.update");
        var second = followed.Single(call => call.Method == "chat.postMessage");
        Assert.Equal((first.Ts, "Rejected by @mia through slack:ops: use 5 instead"), (update.Ts, update.Blocks.Last().GetProperty("elements")[0].GetProperty("text").GetString()));
        Assert.Equal((SlackDouble.Place, first.Ts, "True"), (second.Find("channel"), second.Find("thread_ts"), second.Find("reply_broadcast")));
        Assert.Equal("use 5 instead", Assert.Single(await _bench.Events(asked.ThreadId, "request_answered")).GetProperty("comment").GetString());

        await _slack.Press(Interactions, second, "approve");
        Assert.Equal(second.Ts, (await _slack.Next("chat.update")).Ts);
        Assert.Equal("The result is 0.6.", (await _bench.Finished(asked.ThreadId)).Message);
    }

    [Fact]
    public async Task Rejecting_without_a_word_is_a_rejection_too()
    {
        var asked = await _bench.AskToDivide();
        await _slack.Press(Interactions, await _slack.Next("chat.postMessage"), "reject");
        await _slack.Submit(Interactions, await _slack.Next("views.open"), null);
        await _slack.Next("chat.update");
        var answered = Assert.Single(await _bench.Events(asked.ThreadId, "request_answered"));
        Assert.Equal((false, false), (answered.GetProperty("approved").GetBoolean(), answered.TryGetProperty("comment", out _)));
    }

    [Fact]
    public async Task Choices_are_buttons_and_other_words_go_into_a_form()
    {
        var asked = await _bench.Ask(new { intent = "request_human_input", question = "Which colour?", options = new { choices = new[] { "red", "blue" } } });
        var message = await _slack.Next("chat.postMessage");
        Assert.Equal(["red", "blue", "Answer…"], message.Labels);
        await _slack.Press(Interactions, message, "choice:1");
        Assert.Equal("Answered by @mia through slack:ops", Outcome(await _slack.Next("chat.update")));

        var again = await _bench.Ask(new { intent = "request_human_input", question = "Why blue?" });
        var words = await _slack.Next("chat.postMessage");
        await _slack.Press(Interactions, words, "answer");
        await _slack.Submit(Interactions, await _slack.Next("views.open"), "It is \"calm\".");
        await _slack.Next("chat.update");
        Assert.Equal(
            ["blue", "It is \"calm\"."],
            [Assert.Single(await _bench.Events(asked.ThreadId, "request_answered"), Colour).GetProperty("response").GetString(), Assert.Single(await _bench.Events(again.ThreadId, "request_answered"), Colour).GetProperty("response").GetString()]);

        static bool Colour(JsonElement answered) => answered.GetProperty("channel").GetString() == "slack:ops";
    }

    [Fact]
    public async Task Many_choices_are_a_menu_and_one_of_them_is_all_it_takes()
    {
        var asked = await _bench.Ask(new { intent = "request_human_input", question = "Which one?", options = new { format = "multiple_choice", choices = Enumerable.Range(1, 30).Select(i => $"number {i}").ToArray() } });
        var message = await _slack.Next("chat.postMessage");
        Assert.Null(message.Problem);
        var chosen = Assert.Single(message.Elements).GetProperty("options")[11];
        await _slack.Send(Interactions, JsonSerializer.Serialize(new
        {
            type = "block_actions",
            user = new { id = "U0MIA", username = "mia" },
            container = new { message_ts = message.Ts, channel_id = SlackDouble.Place },
            actions = new[] { new { type = "static_select", action_id = "menu", selected_option = new { value = chosen.GetProperty("value").GetString() } } },
        }));
        await _slack.Next("chat.update");
        Assert.Contains(await _bench.Events(asked.ThreadId, "request_answered"), answered => answered.TryGetProperty("response", out var response) && response.ToString() == "number 12");
    }

    [Fact]
    public async Task An_answer_given_elsewhere_takes_the_buttons_away()
    {
        var asked = await _bench.AskToDivide();
        var message = await _slack.Next("chat.postMessage");
        using var inbox = new InboxVisitor(_bench.Server.InboxLink!);
        await inbox.Approve(asked.RequestId);
        var update = await _slack.Next("chat.update");
        Assert.Equal((message.Ts, "Approved by local through inbox"), (update.Ts, Outcome(update)));

        // Somebody still has the old message open.
        await _slack.Press(Interactions, message, "reject");
        var told = await _slack.Next("chat.postEphemeral");
        Assert.Equal(("U0MIA", "This request is settled already."), (told.Find("user"), told.Text));
        await _slack.Press(Interactions, message, "approve", "eve", "U0EVE");
        Assert.Equal(("chat.postEphemeral", "U0EVE"), await _slack.Next() is var late ? (late.Method, late.Find("user")!) : default);
    }

    [Fact]
    public async Task Foreign_text_cannot_mention_link_or_grow_beyond_what_slack_takes()
    {
        await _bench.Ask(new { intent = "request_human_input", question = "<!channel> & <https://evil.example|the docs> *now*", context = new string('&', 5000), options = new { choices = new[] { new string('x', 500) } } });
        var message = await _slack.Next("chat.postMessage");
        Assert.Null(message.Problem);
        Assert.Equal("puppet asks: &lt;!channel&gt; &amp; &lt;https://evil.example|the docs&gt; *now*", message.Text);
        Assert.All(message.Blocks.Where(block => block.GetProperty("type").GetString() == "section"), block => Assert.True(block.GetProperty("text").GetProperty("verbatim").GetBoolean()));
        Assert.DoesNotMatch("&(?!amp;|lt;|gt;)|<(?!http://127)", string.Concat(message.Blocks.Select(block => block.TryGetProperty("text", out var text) ? text.GetProperty("text").GetString() : "")));
    }

    [Fact]
    [Trait("Accepts", "A2H.5")]
    public async Task Whoever_may_not_answer_is_told_so_and_a_responder_is_known_by_id_too()
    {
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("ops"), "people: { responders: [U0MIA], channels: [ops] }");
        var asked = await bench.Ask(new { intent = "request_human_input", question = "Which colour?", options = new { choices = new[] { "red" } } });
        var message = await slack.Next("chat.postMessage");
        await slack.Press(bench.Url("/slack/ops/interactions"), message, "choice:0", "eve", "U0EVE");
        var told = await slack.Next("chat.postEphemeral");
        Assert.Equal(("U0EVE", "You are not among those who may answer this. Your attempt was recorded."), (told.Find("user"), told.Text));
        await slack.Press(bench.Url("/slack/ops/interactions"), message, "choice:0");
        Assert.Equal("Answered by U0MIA through slack:ops", Outcome(await slack.Next("chat.update")));
        Assert.Equal("@eve", Assert.Single(await bench.Events(asked.ThreadId, "answer_refused")).GetProperty("by").GetString());
    }

    [Theory]
    [InlineData("another secret")]
    [InlineData("too old")]
    [InlineData("another body")]
    [InlineData("no signature")]
    [Trait("Accepts", "F11.3")]
    public async Task What_slack_did_not_sign_is_refused_and_does_nothing(string what)
    {
        var asked = await _bench.AskToDivide();
        var message = await _slack.Next("chat.postMessage");
        var payload = JsonSerializer.Serialize(new
        {
            type = "block_actions",
            user = new { id = "U0EVE", username = "eve" },
            container = new { message_ts = message.Ts, channel_id = SlackDouble.Place },
            actions = new[] { new { action_id = "approve", value = asked.RequestId } },
        });
        var status = await _slack.Send(Interactions, payload, what == "another secret" ? "guess" : SlackDouble.SigningSecret, what == "too old" ? 301 : 0, request =>
        {
            if (what == "another body")
            {
                request.Content = new StringContent("payload=" + Uri.EscapeDataString(payload.Replace("eve", "mia", StringComparison.Ordinal)));
            }
            else if (what == "no signature")
            {
                request.Headers.Remove("X-Slack-Signature");
            }
        });
        Assert.Equal((HttpStatusCode.BadRequest, asked.Version), (status, (await _bench.Get(asked.ThreadId)).Version));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("not json")]
    [InlineData("""{"type":"block_actions","user":{"id":"U1"},"actions":[]}""")]
    [InlineData("""{"type":"view_submission","user":{"id":"U1"},"view":{"callback_id":"reject","private_metadata":"a|b|c"}}""")]
    public async Task What_makes_no_sense_is_never_an_error_of_ours(string payload) =>
        Assert.True(await _slack.Send(Interactions, payload) is HttpStatusCode.OK or HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_recorded_press_that_is_sent_again_does_nothing()
    {
        await _bench.Ask(new { intent = "request_human_input", question = "Which colour?" });
        var message = await _slack.Next("chat.postMessage");
        var press = JsonSerializer.Serialize(new
        {
            type = "block_actions",
            user = new { id = "U0MIA", username = "mia" },
            container = new { message_ts = message.Ts, channel_id = SlackDouble.Place },
            trigger_id = "1",
            actions = new[] { new { action_id = "answer", value = message.Elements.Single().GetProperty("value").GetString() } },
        });
        HttpRequestMessage? recorded = null;
        await _slack.Send(Interactions, press, change: request => recorded = request);
        var (timestamp, signature) = (recorded!.Headers.GetValues("X-Slack-Request-Timestamp").Single(), recorded.Headers.GetValues("X-Slack-Signature").Single());
        var form = await _slack.Next("views.open");
        Assert.Equal(HttpStatusCode.OK, await _slack.Send(Interactions, press, change: request =>
        {
            request.Headers.Remove("X-Slack-Request-Timestamp");
            request.Headers.Remove("X-Slack-Signature");
            request.Headers.Add("X-Slack-Request-Timestamp", timestamp);
            request.Headers.Add("X-Slack-Signature", signature);
        }));
        // Had it opened a second form, that would come before what the first one leads to.
        await _slack.Submit(Interactions, form, "blue");
        await _slack.Next("chat.update");
    }

    private static string? Outcome(SlackDouble.Call update) => update.Blocks.Last().GetProperty("elements")[0].GetProperty("text").GetString();

    /// <summary>One server for all of these tests: each takes every call it causes.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public SlackDouble Slack { get; } = new();

        public Bench Bench { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Bench = await Bench.Start(Slack.As("ops", "approvals=human"));

        public async ValueTask DisposeAsync()
        {
            await Bench.DisposeAsync();
            await Slack.DisposeAsync();
        }
    }
}
