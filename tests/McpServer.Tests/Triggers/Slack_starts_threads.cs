using System.Net;
using System.Text.Json;
using AgentMcp.Server.Tests.Channels;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Slack_starts_threads(Slack_starts_threads.Shared shared) : IClassFixture<Slack_starts_threads.Shared>
{
    private readonly Bench _bench = shared.Bench;
    private readonly SlackDouble _slack = shared.Slack;

    private Uri Events => _bench.Url("/triggers/sums");

    [Fact]
    [Trait("Accepts", "F11.2")]
    [Trait("Accepts", "F11.4")]
    [Trait("Accepts", "DB.6")]
    public async Task A_mention_starts_a_thread_whose_questions_and_end_come_back_to_the_same_slack_thread()
    {
        Assert.Equal(HttpStatusCode.OK, (await Mention("100.1", "<@U0BOT> divide 3 by 4 &amp; tell me")).Status);
        var asked = await _slack.Next("chat.postMessage");
        Assert.Equal(("C0REL", "100.1", "calculator asks for approval: Run divide with a 3, b 4?", null), (asked.Find("channel"), asked.Find("thread_ts"), asked.Text, asked.Problem));
        var thread = await _bench.Stands("sums", "C0REL/100.1", "pending");
        Assert.Equal(
            """
            <slack_message_received>
            from: "@mia"
            channel: "#releases"
            text: divide 3 by 4 & tell me
            </slack_message_received>
            """.ReplaceLineEndings("\n"), (await _bench.FirstPrompt(thread.ThreadId)).Split("\n\n")[0]);

        Assert.Equal(HttpStatusCode.OK, await _slack.Press(_bench.Url("/slack/team/interactions"), asked, "approve"));
        SlackDouble.Call[] after = [await _slack.Next(), await _slack.Next()];
        Assert.Equal(asked.Ts, after.Single(call => call.Method == "chat.update").Ts);
        var end = after.Single(call => call.Method == "chat.postMessage");
        Assert.Equal(("C0REL", "100.1", "The result is 0.75.", null), (end.Find("channel"), end.Find("thread_ts"), end.Text, end.Problem));
        Assert.Equal(("@mia", "slack:team"), Assert.Single(await _bench.Events(thread.ThreadId, "request_answered")) is var yes ? (Text(yes, "by"), Text(yes, "channel")) : default);
        Assert.Equal(("local", "slack:sums"), (await _bench.Get(thread.ThreadId)).Started() is var begun ? (Text(begun, "principal"), Text(begun, "channel")) : default);
    }

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task A_word_in_the_slack_thread_answers_the_question_and_a_later_one_goes_on_with_it()
    {
        await Mention("200.1", "hello <@U0BOT>");
        var question = await _slack.Next("chat.postMessage");
        Assert.Equal(("200.1", null), (question.Find("thread_ts"), question.Problem));
        await Say("200.2", "multiply 6 and 7", "200.1");
        SlackDouble.Call[] then = [await _slack.Next(), await _slack.Next()];
        Assert.Equal("The result is 42.", then.Single(call => call.Method == "chat.postMessage").Text);
        await Say("200.3", "<@U0BOT> add 1 and 1", "200.1");
        Assert.Equal(("The result is 2.", "200.1"), await _slack.Next("chat.postMessage") is var more ? (more.Text, more.Find("thread_ts")) : default);

        var thread = await _bench.Stands("sums", "C0REL/200.1", "completed");
        Assert.Equal(("@mia", "slack:sums", "multiply 6 and 7"), Assert.Single(await _bench.Events(thread.ThreadId, "request_answered")) is var words ? (Text(words, "by"), Text(words, "channel"), Text(words, "response")) : default);
        Assert.Single(await _bench.Events(thread.ThreadId, "message_received"));
    }

    [Fact]
    [Trait("Accepts", "R.9")]
    public async Task A_yes_in_words_approves_nothing_and_whoever_says_it_is_told_so()
    {
        await Mention("300.1", "divide 8 by 2");
        await _slack.Next("chat.postMessage");
        await Say("300.2", "yes", "300.1");
        var told = await _slack.Next("chat.postMessage");
        Assert.Equal(
            ("300.1", "This is waited for: “Run divide with a 8, b 2?” Words are not taken for a decision. Use the buttons or the link of the message that asked, or the inbox."),
            (told.Find("thread_ts"), told.Text));
        Assert.Empty(await _bench.Events((await _bench.Stands("sums", "C0REL/300.1", "pending")).ThreadId, "request_answered"));
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    public async Task A_retry_and_the_message_beside_a_mention_start_nothing_more()
    {
        await Mention("400.1", "multiply 2 and 2", "Ev400");
        await Mention("400.1", "multiply 2 and 2", "Ev400", retry: 1);
        await _slack.Tell(Events, new { type = "message", channel_type = "channel", user = "U0MIA", channel = "C0REL", ts = "400.1", text = "multiply 2 and 2" }, "Ev401");
        Assert.Equal("The result is 4.", (await _slack.Next("chat.postMessage")).Text);
        Assert.Equal((1L, 1L), (_bench.Scalar("SELECT count(*) FROM arrivals WHERE id = 'C0REL/400.1'"), _bench.Scalar("SELECT count(*) FROM places WHERE conversation = 'C0REL/400.1'")));
    }

    [Theory]
    [InlineData("""{"type":"message","channel_type":"channel","user":"U0MIA","channel":"C0REL","ts":"500.1","text":"nobody asked you"}""")]
    [InlineData("""{"type":"message","channel_type":"channel","user":"U0MIA","channel":"C0REL","ts":"500.2","thread_ts":"499.1","text":"in a thread of others"}""")]
    [InlineData("""{"type":"app_mention","user":"U0MIA","bot_id":"B1","channel":"C0REL","ts":"500.3","text":"I am a bot"}""")]
    [InlineData("""{"type":"app_mention","user":"U0EVE","channel":"C0REL","ts":"500.4","text":"multiply 1 and 1"}""")]
    [InlineData("""{"type":"app_mention","user":"U0MIA","channel":"C0REL","ts":"500.5","text":"<@U0BOT>"}""")]
    [InlineData("""{"type":"message","subtype":"message_changed","channel":"C0REL","ts":"500.6"}""")]
    [InlineData("""{"type":"reaction_added","user":"U0MIA"}""")]
    [Trait("Accepts", "F11.3")]
    public async Task What_is_not_for_it_is_acknowledged_and_not_stored(string happened)
    {
        var (status, body) = await _slack.Tell(Events, JsonElement.Parse(happened));
        Assert.Equal((HttpStatusCode.OK, "ignored", 0L), (status, JsonElement.Parse(body).GetProperty("status").GetString(), _bench.Scalar("SELECT count(*) FROM arrivals WHERE id LIKE 'C0REL/500.%'")));
    }

    [Fact]
    public async Task Authorizations_that_are_none_are_left_out()
    {
        var (status, body) = await _slack.Post(Events, """
            {"type":"event_callback","event_id":"EvNone","authorizations":[null,{}],"event":{"type":"app_mention","user":"U0EVE","channel":"C0REL","ts":"500.9","text":"multiply 1 and 1"}}
            """);

        Assert.Equal((HttpStatusCode.OK, "ignored"), (status, JsonElement.Parse(body).GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Slack_is_shown_that_somebody_is_there_and_nobody_else_is()
    {
        const string Check = """{"type":"url_verification","token":"t","challenge":"3eZbrw1a"}""";
        Assert.Equal((HttpStatusCode.OK, "3eZbrw1a"), await _slack.Post(Events, Check));
        Assert.Equal(HttpStatusCode.BadRequest, (await _slack.Post(Events, Check, secret: "guess")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _slack.Tell(Events, new { type = "app_mention", user = "U0MIA", channel = "C0REL", ts = "600.1", text = "multiply 1 and 1" }, secret: "guess")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _slack.Post(Events, "not json")).Status);
        Assert.Equal(0L, _bench.Scalar("SELECT count(*) FROM arrivals WHERE id = 'C0REL/600.1'"));
    }

    [Fact]
    [Trait("Accepts", "F3.3")]
    [Trait("Accepts", "F5.5")]
    [Trait("Accepts", "A2H.6")]
    public async Task Neither_token_nor_secret_nor_place_reaches_a_prompt_or_a_reply()
    {
        await _slack.Tell(Events, new { type = "message", channel_type = "im", user = "U0MIA", channel = "D0PRIVATE", ts = "700.77", text = "multiply 7 and 7" });
        Assert.Equal(("D0PRIVATE", "700.77", "The result is 49."), await _slack.Next("chat.postMessage") is var end ? (end.Find("channel")!, end.Find("thread_ts")!, end.Text) : default);
        var thread = await _bench.Stands("sums", "D0PRIVATE/700.77", "completed");
        var seen = thread.Json.GetRawText() + await _bench.FirstPrompt(thread.ThreadId);
        Assert.All(new[] { SlackDouble.Token, SlackDouble.SigningSecret, "700.77", "U0BOT" }, planted => Assert.DoesNotContain(planted, seen, StringComparison.Ordinal));
    }

    private Task<(HttpStatusCode Status, string Body)> Mention(string ts, string text, string id = "Ev1", int retry = 0) =>
        _slack.Tell(Events, new { type = "app_mention", user = "U0MIA", channel = "C0REL", ts, text, event_ts = ts }, id, retry);

    private Task<(HttpStatusCode Status, string Body)> Say(string ts, string text, string thread) =>
        _slack.Tell(Events, new { type = "message", channel_type = "channel", user = "U0MIA", channel = "C0REL", ts, thread_ts = thread, text });

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    /// <summary>One server for all of these tests: each takes every call it causes.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public SlackDouble Slack { get; } = new();

        public Bench Bench { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Bench = await Bench.Start(
            Slack.As("team", "notify=").With("sums", "type=slack", "channel=team", "agent=calculator", "from=U0MIA"));

        public async ValueTask DisposeAsync()
        {
            await Bench.DisposeAsync();
            await Slack.DisposeAsync();
        }
    }
}
