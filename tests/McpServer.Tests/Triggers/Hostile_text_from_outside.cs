using System.Net;
using System.Text;
using System.Text.Json;
using AgentMcp.Agents;
using AgentMcp.Agents.Prompting;
using AgentMcp.Hostile;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Triggers;

/// <summary>
/// Each text of the corpus comes in as a message that begins a thread, as an answer to what it asks, and where something
/// waits for a decision. It is what somebody said, and nothing else.
/// </summary>
public sealed class Hostile_text_from_outside : IAsyncDisposable
{
    private const string Harmless = "please";
    private static readonly Microagent Reader = new("reader", "", JsonText.Parse("{}"), JsonText.Parse("{}"), "", [], new());
    private static readonly string[] Texts = [.. Corpus.Names.Select(Corpus.Text)];

    private readonly SlackDouble _slack = new();
    private readonly MailServer _mail = new();
    private readonly Sender _sender = new();

    [Fact]
    [Trait("Accepts", "F3.4")]
    public async Task From_slack_it_adds_no_block_and_is_said_by_whoever_said_it()
    {
        await using var bench = await Bench.Start(_slack.As("team", "notify=").With("sums", "type=slack", "channel=team", "agent=calculator", "from=U0MIA"));
        await Said(Harmless, 0);
        var expected = await Conversation(bench, "sums", "C0REL/0.1");
        Assert.Equal(["<slack_message_received>", "</slack_message_received>"], Corpus.TagsOf(Prompt(expected[..1])));
        foreach (var (number, text) in Texts.Index())
        {
            await Said(text, number + 1);
            var log = await Conversation(bench, "sums", $"C0REL/{number + 1}.1");

            Assert.Equal(Corpus.TagsOf(Prompt(expected)), Corpus.TagsOf(Prompt(log)));
            Assert.Equal(("@mia", "slack:sums", (bool?)null), Assert.Single(log.OfType<RequestAnswered>()) is var answer ? (answer.By, answer.Channel, answer.Approved) : default);
        }

        async Task Said(string text, int number)
        {
            // As Slack sends what somebody has typed.
            var escaped = text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await _slack.Tell(bench.Url("/triggers/sums"), new { type = "app_mention", user = "U0MIA", channel = "C0REL", ts = $"{number}.1", text = escaped })).Status);
            await bench.Stands("sums", $"C0REL/{number}.1", "pending");
            await _slack.Tell(bench.Url("/triggers/sums"), new { type = "message", channel_type = "channel", user = "U0MIA", channel = "C0REL", ts = $"{number}.2", thread_ts = $"{number}.1", text = escaped });
        }
    }

    [Fact]
    [Trait("Accepts", "R.9")]
    public async Task Where_a_decision_is_waited_for_it_is_none()
    {
        await using var bench = await Bench.Start(_slack.As("team", "notify=").With("sums", "type=slack", "channel=team", "agent=calculator", "from=U0MIA"));
        await _slack.Tell(bench.Url("/triggers/sums"), new { type = "app_mention", user = "U0MIA", channel = "C0REL", ts = "1.0", text = "divide 8 by 2" });
        var thread = await bench.Stands("sums", "C0REL/1.0", "pending");
        Assert.Equal("approval", thread.Kind);
        foreach (var (number, text) in Texts.Index())
        {
            await _slack.Tell(bench.Url("/triggers/sums"), new { type = "message", channel_type = "channel", user = "U0MIA", channel = "C0REL", ts = $"1.{number + 1}", thread_ts = "1.0", text });
        }

        await bench.Found($"SELECT 1 WHERE (SELECT count(*) FROM arrivals WHERE state <> 'open') = {Texts.Length + 1}");
        Assert.Equal(["thread_started", "step_chosen", "request_opened"], (await bench.Get(thread.ThreadId)).Json.GetProperty("events").EnumerateArray().Select(happened => happened.GetProperty("type").GetString()));
    }

    [Fact]
    [Trait("Accepts", "F3.4")]
    public async Task From_a_mail_it_adds_no_block_and_is_said_by_whoever_sent_it()
    {
        await using var bench = await Bench.Start(_mail.As("mail", "notify=").With("post", "type=email", "channel=mail", "agent=calculator", "from=@people.example", "secret=" + Receiver.Secret));
        await Sent(Harmless, 0);
        var expected = await Conversation(bench, "post", "m0@people.example");
        var answered = 0;
        Assert.Equal(["<email_received>", "</email_received>"], Corpus.TagsOf(Prompt(expected[..1])));
        foreach (var (number, text) in Texts.Index())
        {
            await Sent(text, number + 1);
            // What looks like a quote is nobody's own words, and then answers nothing.
            var isAnswer = "done".Equals(await bench.Found($"SELECT state FROM arrivals WHERE id = 'm{number + 1}b@people.example' AND state <> 'open'"));
            var log = await Conversation(bench, "post", $"m{number + 1}@people.example", isAnswer);
            answered += isAnswer ? 1 : 0;

            Assert.Equal(Corpus.TagsOf(Prompt(expected[..log.Length])), Corpus.TagsOf(Prompt(log)));
            Assert.All(log.OfType<RequestAnswered>(), answer => Assert.Equal(("mia@people.example", "email:post", (bool?)null), (answer.By, answer.Channel, answer.Approved)));
        }

        Assert.InRange(answered, Texts.Length / 2, Texts.Length);

        async Task Sent(string text, int number)
        {
            await Mail($"m{number}@people.example", text, "");
            await Mail($"m{number}b@people.example", text, $"In-Reply-To: <{await Question($"m{number}@people.example")}>\r\n");
        }

        async Task<string> Question(string about)
        {
            while (true)
            {
                if (await _mail.Next() is var mail && mail.Message.InReplyTo == about)
                {
                    return mail.Id;
                }
            }
        }

        async Task Mail(string id, string text, string more)
        {
            var said = Word(text.Length < 1_000 ? text : "long");
            var sent = await _sender.Post(bench.Url("/triggers/post"),
                $"From: {said} <mia@people.example>\r\nTo: sums@mail.example\r\nSubject: {said}\r\nMessage-ID: <{id}>\r\nDate: Sun, 01 Mar 2026 09:00:00 +0000\r\n{more}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{Base64("x " + text + "\n")}\r\n", media: "message/rfc822");
            Assert.Equal((HttpStatusCode.OK, "accepted"), (sent.Status, sent.Code));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await _slack.DisposeAsync();
        await _mail.DisposeAsync();
    }

    // Up to the answer to its first question.
    private static async Task<ThreadEvent[]> Conversation(Bench bench, string trigger, string conversation, bool isAnswered = true)
    {
        var thread = (string)await bench.Found($"SELECT thread_id FROM places WHERE source = '{trigger}' AND conversation = '{conversation}'");
        await bench.Found($"SELECT 1 FROM events WHERE thread_id = '{thread}' AND type = '{(isAnswered ? "request_answered" : "request_opened")}'");
        using var database = Database.Open(bench.Database);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var events = store.Read(ThreadId.Parse(thread)).Events.ToList();
        return [.. events.Take(1 + events.FindIndex(happened => isAnswered ? happened is RequestAnswered : happened is RequestOpened))];
    }

    private static string Prompt(ThreadEvent[] log) => PromptRenderer.Render(Reader, log).User.Split("\n\nWhat is the next step?")[0];

    private static string Word(string text) => $"=?utf-8?B?{Base64(text)}?=";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
