using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Hostile;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Channels.Email;
using AgentMcp.Server.Channels.Slack;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using MimeKit;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>Each text of the corpus as everything that a request, an answer or an ending can say.</summary>
public sealed partial class Hostile_text_in_messages
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Names() => [.. Corpus.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Mentions_nobody_and_links_nowhere_in_slack(string name)
    {
        foreach (var message in Notices(Corpus.Text(name)).Select(Slack))
        {
            Assert.Null(SlackLimits.Problem("chat.postMessage", message));
            Assert.All(Read(message), text => Assert.DoesNotMatch("[<>]|&(?!(amp|lt|gt);)", text));
            Assert.All(Shown(message), text => Assert.False(Corpus.Hides(text), text));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Adds_no_header_and_no_markup_to_a_mail(string name)
    {
        foreach (var (hostile, harmless) in Notices(Corpus.Text(name)).Zip(Notices("please")))
        {
            Assert.Equal(Headers(harmless), Headers(hostile));
            Assert.Equal(Tags().Matches(EmailText.Html(harmless, "https://a.example/")).Select(tag => tag.Value), Tags().Matches(EmailText.Html(hostile, "https://a.example/")).Select(tag => tag.Value));
            Assert.All([EmailText.Plain(hostile, "https://a.example/"), .. hostile.Ending is null ? [EmailText.Subject(hostile)] : Array.Empty<string>()], text => Assert.False(Corpus.Hides(text), text));
        }
    }

    [Fact]
    public async Task Changes_nothing_about_who_said_what()
    {
        await using var bench = await Bench.Start(new Dictionary<string, string>());
        foreach (var text in Corpus.Names.Select(Corpus.Text))
        {
            var asked = await bench.AskToDivide();
            await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = false, comment = text });
            var answered = Assert.Single(await bench.Events(asked.ThreadId, "request_answered"));

            Assert.Equal(
                ("local", "http", false, text),
                (answered.GetProperty("by").GetString(), answered.GetProperty("channel").GetString(), answered.GetProperty("approved").GetBoolean(), answered.GetProperty("comment").GetString()));
            Assert.Empty(await bench.Events(asked.ThreadId, "tool_started"));
        }
    }

    // Asked, reminded, escalated with a note; answered; ended.
    private static IEnumerable<Notice> Notices(string text)
    {
        var request = new RequestOpened(At, RequestKind.Approval, text, text, Options: [new("one", text, text)], Action: ActionDigest.Bind("pay", Value(text)));
        ThreadEvent[] open = [new ThreadStarted(At, "clerk", "sha256:0", Value(text), text, text, "message_received"), new StepChosen(At, "pay", Value(text), "scripted"), request];
        ThreadEvent[] answered = [.. open, new RequestAnswered(At, new(3), text, "http", Approved: false, Comment: text)];
        ThreadEvent[] ended = [.. answered, new ThreadFailed(At, text)];
        yield return Of(DeliveryKind.Request, open);
        yield return Of(DeliveryKind.Reminder, open);
        yield return Of(DeliveryKind.Escalation, open, text);
        yield return Of(DeliveryKind.Closed, answered);
        yield return Of(DeliveryKind.Ended, ended, about: 5);

        Notice Of(DeliveryKind kind, ThreadEvent[] log, string? note = null, int about = 3)
        {
            // An ending goes to where the thread came from.
            var place = kind == DeliveryKind.Ended ? new Place("mail", null, "ops", new EmailPlace("mia@people.example", text, null, []).Json()) : null;
            var thread = ThreadId.Parse("thr_00000000000000000000000000000001");
            return new(new(thread, new(about), "ops", kind, 1, null, [], note, place), ThreadLog.Of(thread, log), new(() => null, "", TimeProvider.System), At);
        }
    }

    private static JsonText Value(string text) => JsonText.Parse($$"""{"item":{{JsonText.Of(text).Text}} }""");

    private static JsonElement Slack(Notice notice) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("channel", "C1");
        SlackMessage.Write(json, notice);
        json.WriteEndObject();
    }).Element();

    /// <summary>The texts in which Slack reads markup.</summary>
    private static IEnumerable<string> Read(JsonElement message) => Objects(message)
        .Where(one => one.TryGetProperty("blocks", out _) || (one.TryGetProperty("type", out var type) && type.ValueEquals("mrkdwn")))
        .Select(one => one.GetProperty("text").GetString()!);

    private static IEnumerable<string> Shown(JsonElement message) => Objects(message)
        .Select(one => one.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null).OfType<string>();

    private static IEnumerable<JsonElement> Objects(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Objects(member.Value)).Prepend(value),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Objects),
        _ => [],
    };

    private static List<string> Headers(Notice notice)
    {
        using var mail = new MimeMessage { Subject = EmailHead.Of(notice, []).Subject, Body = new TextPart("plain") { Text = "x" } };
        using var bytes = new MemoryStream();
        mail.WriteTo(bytes);
        bytes.Position = 0;
        using var read = MimeMessage.Load(bytes);
        return [.. read.Headers.Select(header => header.Field), .. read.To.Mailboxes.Concat(read.Bcc.Mailboxes).Select(one => one.Address), ((TextPart)read.Body!).Text.Trim()];
    }

    [GeneratedRegex("<[^>]*>?")]
    private static partial Regex Tags();
}
