using System.Net;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Triggers;

/// <summary>What people say to a program of somebody's own, whose workflows ask.</summary>
public sealed class Words_reach_workflows(Words_reach_workflows.Shared shared) : IClassFixture<Words_reach_workflows.Shared>, IDisposable
{
    private readonly Bench _bench = shared.Bench;
    private readonly MailServer _mail = shared.Mail;
    private readonly Sender _sender = new();

    public void Dispose() => _sender.Dispose();

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task A_word_answers_what_a_workflow_asks_and_one_after_its_end_begins_another()
    {
        await Say("e1", "milk");
        var first = await Asks("e1");
        await Say("e1", "semi-skimmed");
        Assert.Equal("milk, semi-skimmed", (await Done(first)).Message);

        await Say("e1", "bread");
        var second = await _bench.Found($"SELECT thread_id FROM places WHERE source = 'ci' AND conversation = 'e1' AND thread_id > '{first}'") as string;
        await _bench.Until(second!, Asking);
        await Say("e1", "sliced");
        Assert.Equal("bread, sliced", (await Done(second!)).Message);
    }

    [Fact]
    public async Task A_word_answers_a_workflow_that_takes_more_than_words_and_does_not_begin_it()
    {
        await _sender.Send(_bench.Url("/triggers/orders"), "conversation.created", new { input = new { item = "milk" }, conversation_id = "o1", user = "mia" });
        var thread = await Asks("o1", "orders");
        Assert.Equal((HttpStatusCode.OK, "accepted"), await Say("o1", "semi-skimmed", "orders"));
        Assert.Equal("milk, semi-skimmed", (await Done(thread)).Message);
        Assert.Equal((HttpStatusCode.OK, "accepted"), await Say("o1", "bread", "orders", id: "msg_o1_bread"));
        Assert.StartsWith("The input does not fit order", await _bench.Refused("msg_o1_bread"), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "invalid_input"), await Say("o2", "milk", "orders"));
    }

    [Fact]
    [Trait("Accepts", "F11.6")]
    public async Task Words_are_for_what_is_asked_now_and_not_for_what_was_asked_and_is_done()
    {
        await Say("k1", "go", "clerk");
        var clerk = await Asks("k1", "clerk");
        await Say("k1", "semi-skimmed", "clerk");
        await _bench.Until(clerk, reply => Asking(reply) && reply.EventTypes.Contains("tool_returned"));
        await Say("k1", "sliced", "clerk");
        await Done(clerk);
        Assert.Equal(["milk, semi-skimmed", "bread, sliced"],
            (await _bench.Events(clerk, "tool_returned")).Select(returned => returned.GetProperty("result").GetProperty("message").GetString()));
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public async Task Of_several_questions_the_one_is_answered_that_is_replied_to_and_by_other_words_none()
    {
        await Mail("s1@people.example", "A shirt, please.");
        MailServer.Mail[] asked = [await _mail.Next(), await _mail.Next()];
        var (colour, size) = (asked.Single(mail => mail.Plain.Contains("Which colour?", StringComparison.Ordinal)), asked.Single(mail => mail.Plain.Contains("Which size?", StringComparison.Ordinal)));

        await Mail("s2@people.example", "red", "s1@people.example");
        Assert.Equal("Several things are waited for now: “Which colour?” and “Which size?” Say which one is meant: reply to its mail, or use the buttons or the link of its message, or the inbox.\n", (await _mail.Next()).Plain);
        var thread = await _bench.Stands("post", "s1@people.example", "pending");
        Assert.Empty(await _bench.Events(thread.ThreadId, "request_answered"));

        await Mail("s3@people.example", "large", size.Id);
        await _bench.Until(thread.ThreadId, reply => reply.EventTypes.Contains("request_answered"));
        await Mail("s4@people.example", "red", colour.Id);
        await _bench.Until(thread.ThreadId, reply => reply.EventTypes.Count(type => type == "request_answered") == 2);
        Assert.Equal(
            [(size.Id.Split("_request")[0].Split("_reply")[0], "large"), (colour.Id.Split("_request")[0].Split("_reply")[0], "red")],
            (await _bench.Events(thread.ThreadId, "request_answered")).Select(answered => ($"req_{thread.ThreadId["thr_".Length..]}_{answered.GetProperty("request").GetInt32()}", answered.GetProperty("response").GetString()!)));

        // Only the wait is left, which words end as they do for an agent.
        await Mail("s5@people.example", "no longer", "s1@people.example");
        Assert.Equal("red and large and later", (await Done(thread.ThreadId)).Message);
        Assert.StartsWith("red and large and later\n", (await _mail.Next()).Plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workflow_is_given_the_words_of_a_mail_as_the_message_it_takes()
    {
        await Mail("n1@people.example", "milk", to: "notes");
        var thread = (await _bench.Stands("notes", "n1@people.example", "pending")).ThreadId;
        Assert.StartsWith("errand asks\n\nAnything to add?\n", (await _mail.Next()).Plain, StringComparison.Ordinal);
        await Mail("n2@people.example", "semi-skimmed", "n1@people.example", "notes");
        Assert.Equal("milk, semi-skimmed", (await Done(thread)).Message);
        Assert.StartsWith("milk, semi-skimmed\n", (await _mail.Next()).Plain, StringComparison.Ordinal);
        Assert.Equal("""{"message":"milk"}""", (await _bench.Events(thread, "thread_started")).Single().GetProperty("input").GetRawText());
    }

    private static bool Asking(Reply reply) => reply.Json.GetProperty("requests").EnumerateArray().Any(request => request.GetProperty("kind").GetString() == "question");

    private async Task<string> Asks(string conversation, string trigger = "ci")
    {
        var thread = (await _bench.Stands(trigger, conversation, "pending")).ThreadId;
        await _bench.Until(thread, Asking);
        return thread;
    }

    private Task<Reply> Done(string thread) => _bench.Until(thread, reply => reply.Status == "completed");

    private async Task<(HttpStatusCode, string)> Say(string conversation, string words, string trigger = "ci", string? id = null)
    {
        var said = await _sender.Send(_bench.Url($"/triggers/{trigger}"), "conversation.created", new { user_message = words, conversation_id = conversation, user = "mia" }, id);
        return (said.Status, said.Code);
    }

    private Task<Sender.Said> Mail(string id, string words, string? replyTo = null, string to = "post") => _sender.Post(_bench.Url($"/triggers/{to}"),
        $"From: Mia <mia@people.example>\r\nTo: shirts@mail.example\r\nSubject: A shirt\r\nMessage-ID: <{id}>\r\n{(replyTo is null ? "" : $"In-Reply-To: <{replyTo}>\r\nReferences: <{id[0]}1@people.example>\r\n")}Content-Type: text/plain\r\n\r\n{words}\r\n",
        media: "message/rfc822");

    /// <summary>One server for all of these tests: each has conversations of its own.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public MailServer Mail { get; } = new();

        public Bench Bench { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Bench = await Bench.Start(
            Mail.As("mail", "notify=")
                .With("ci", "type=webhook", "secret=" + Receiver.Secret, "agent=errand")
                .With("orders", "type=webhook", "secret=" + Receiver.Secret, "agent=order")
                .With("clerk", "type=webhook", "secret=" + Receiver.Secret, "agent=clerk")
                .With("notes", "type=email", "channel=mail", "agent=errand", "from=mia@people.example", "secret=" + Receiver.Secret)
                .With("post", "type=email", "channel=mail", "agent=shirt", "from=mia@people.example", "secret=" + Receiver.Secret),
            program: Path.Combine(AppContext.BaseDirectory, "Orders.dll"));

        public async ValueTask DisposeAsync()
        {
            await Bench.DisposeAsync();
            await Mail.DisposeAsync();
        }
    }
}
