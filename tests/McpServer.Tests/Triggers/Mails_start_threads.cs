using System.Net;
using AgentMcp.Server.Tests.Channels;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Mails_start_threads(Mails_start_threads.Shared shared) : IClassFixture<Mails_start_threads.Shared>, IDisposable
{
    private readonly Bench _bench = shared.Bench;
    private readonly MailServer _mail = shared.Mail;
    private readonly Sender _sender = new();

    public void Dispose() => _sender.Dispose();

    [Fact]
    [Trait("Accepts", "F11.4")]
    [Trait("Accepts", "DB.6")]
    public async Task A_mail_starts_a_thread_and_its_replies_stay_in_the_conversation()
    {
        Assert.Equal((HttpStatusCode.OK, "accepted"), await Send("a1@people.example", "Please divide", "divide 3 by 4\r\n\r\nOn Monday, Ravi <ravi@people.example> wrote:\r\n> Ask the machine.\r\n", more: "References: <a0@people.example>\r\n"));
        var asks = await _mail.Next();
        Assert.Equal(["mia@people.example"], asks.Recipients);
        Assert.Equal(
            ("Re: Please divide", "a1@people.example", "a0@people.example a1@people.example", "auto-generated"),
            (asks.Message.Subject, asks.Message.InReplyTo, string.Join(' ', asks.Message.References), asks.Message.Headers["Auto-Submitted"]));
        var thread = await _bench.Stands("post", "a0@people.example", "pending");
        Assert.Equal(
            """
            <email_received>
            from: Mia (mia@people.example)
            to: sums@mail.example
            subject: Please divide
            body: divide 3 by 4
            earlier_thread:
            - body: |-
                On Monday, Ravi &lt;ravi@people.example> wrote:
                > Ask the machine.
            </email_received>
            """.ReplaceLineEndings("\n"), (await _bench.FirstPrompt(thread.ThreadId)).Split("\n\n")[0]);

        // The link of the mail is for the person who wrote it; the mail itself decides nothing.
        using var person = new InboxVisitor(asks.Link);
        await person.Approve(thread.RequestId);
        var done = await _mail.Next();
        Assert.Equal(
            ("Re: Please divide", "a1@people.example", "The result is 0.75.", "email:mail"),
            (done.Message.Subject, done.Message.InReplyTo, done.Plain.Split('\n')[0], Assert.Single(await _bench.Events(thread.ThreadId, "request_answered")).GetProperty("channel").GetString()));
    }

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task A_reply_answers_the_question_it_replies_to_and_a_later_one_goes_on()
    {
        await Send("b1@people.example", "Hello", "Hello there.");
        var question = await _mail.Next();
        // Some readers keep only what they reply to.
        await Send("b2@people.example", "Re: Hello", "multiply 6 and 7\r\n\r\n> Which operation, and which numbers?\r\n", more: $"In-Reply-To: <{question.Id}>\r\n");
        var answer = await _mail.Next();
        Assert.Equal(("Re: Hello", "b2@people.example", "The result is 42."), (answer.Message.Subject, answer.Message.InReplyTo, answer.Plain.Split('\n')[0]));
        await Send("b3@people.example", "Re: Hello", "add 1 and 1", more: $"In-Reply-To: <{answer.Id}>\r\nReferences: <b1@people.example> <{question.Id}> <b2@people.example> <{answer.Id}>\r\n");
        Assert.Equal(("b3@people.example", "The result is 2."), await _mail.Next() is var more ? (more.Message.InReplyTo, more.Plain.Split('\n')[0]) : default);
        Assert.Equal(1L, _bench.Scalar("SELECT count(DISTINCT thread_id) FROM places WHERE conversation LIKE 'b%'"));
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public async Task A_reply_to_an_old_question_answers_no_new_one()
    {
        await Send("c1@people.example", "Sums", "hello");
        var first = await _mail.Next();
        await Send("c2@people.example", "Re: Sums", "hello again", more: $"In-Reply-To: <{first.Id}>\r\n");
        var second = await _mail.Next();
        Assert.NotEqual(first.Id, second.Id);
        await Send("c3@people.example", "Re: Sums", "multiply 1 and 1", more: $"In-Reply-To: <{first.Id}>\r\n");
        var told = await _mail.Next();
        Assert.Equal(("c3@people.example", true), (told.Message.InReplyTo, told.Plain.StartsWith("What you reply to is settled.", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public async Task An_answer_below_what_it_quotes_is_the_answer_and_the_subject_is_not()
    {
        await Send("h1@people.example", "Hello", "Hello there.");
        var question = await _mail.Next();
        await Send("h2@people.example", "Re: Hello", "On Sun, 1 Mar 2026 at 09:00, AgentMcp wrote:\r\n> Which operation, and which numbers?\r\n\r\nmultiply 6 and 7\r\n", more: $"In-Reply-To: <{question.Id}>\r\n");
        Assert.Equal("The result is 42.", (await _mail.Next()).Plain.Split('\n')[0]);
        var thread = await _bench.Stands("post", "h1@people.example", "completed");
        Assert.Equal("multiply 6 and 7", Assert.Single(await _bench.Events(thread.ThreadId, "request_answered")).GetProperty("response").GetString());
    }

    [Theory]
    [InlineData("i1", "")]
    [InlineData("i2", "-- \r\nMia\r\nHead of sums")]
    [InlineData("i3", "On Sun, 1 Mar 2026 at 09:00, AgentMcp wrote:\r\n> Which operation, and which numbers?\r\n")]
    [InlineData("i4", "> Hello.\r\nHello!\r\n> Which operation, and which numbers?\r\nmultiply 6 and 7")]
    [Trait("Accepts", "R.2")]
    public async Task A_reply_that_says_nothing_answers_nothing_and_whoever_sent_it_is_told(string id, string body)
    {
        await Send($"{id}@people.example", "multiply 2 and 2", "Hello there.");
        var question = await _mail.Next();
        Assert.Equal((HttpStatusCode.OK, "accepted"), await Send($"{id}b@people.example", "Re: multiply 2 and 2", body, more: $"In-Reply-To: <{question.Id}>\r\n"));
        var told = await _mail.Next();
        Assert.Equal(
            ($"{id}b@people.example", "There are no words of yours in that, or they stand at several places. Write above what is quoted, and nothing below it; attachments are not read.\n"),
            (told.Message.InReplyTo, told.Plain));
        Assert.Empty(await _bench.Events((await _bench.Stands("post", $"{id}@people.example", "pending")).ThreadId, "request_answered"));
    }

    [Fact]
    public async Task A_mail_without_words_of_its_own_begins_a_thread_by_its_subject()
    {
        Assert.Equal((HttpStatusCode.OK, "accepted"), await Send("j1@people.example", "multiply 2 and 3", ""));
        await _mail.Next();
        Assert.Contains("subject: multiply 2 and 3\n", await _bench.FirstPrompt((await _bench.Stands("post", "j1@people.example", "pending")).ThreadId), StringComparison.Ordinal);
        // To many readers a mail that is passed on is a reply.
        Assert.Equal((HttpStatusCode.OK, "accepted"), await Send("j2@people.example", "Fwd: multiply 2 and 4", "---------- Forwarded message ---------\r\nPlease.", more: "In-Reply-To: <j0@people.example>\r\n"));
        await _mail.Next();
        await _bench.Stands("post", "j0@people.example", "pending");
        // Where the thread it was about has ended, it begins another.
        var over = await _bench.Stands("post", "j1@people.example", "pending");
        await _bench.Server.Do("cancel_thread", new { thread_id = over.ThreadId });
        await _mail.Next();
        Assert.Equal((HttpStatusCode.OK, "accepted"), await Send("j3@people.example", "Fwd: multiply 2 and 5", "", more: "In-Reply-To: <j1@people.example>\r\n"));
        await _mail.Next();
        var another = (string)await _bench.Found($"SELECT thread_id FROM places WHERE source = 'post' AND conversation = 'j1@people.example' AND thread_id <> '{over.ThreadId}'");
        await _bench.Until(another, reply => reply.Status == "pending");
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied\r\n", "mia@people.example")]
    [InlineData("Precedence: bulk\r\n", "mia@people.example")]
    [InlineData("List-Id: <all.people.example>\r\n", "mia@people.example")]
    [InlineData("Return-Path: <>\r\n", "mia@people.example")]
    [InlineData("", "agents@mail.example")]
    [InlineData("", "eve@evil.example")]
    [Trait("Accepts", "F11.3")]
    public async Task What_machines_send_and_strangers_write_is_not_answered(string header, string from)
    {
        Assert.Equal((HttpStatusCode.OK, "ignored"), await Send("d1@people.example", "Sums", "multiply 1 and 1", header, from));
        Assert.Equal(0L, _bench.Scalar("SELECT count(*) FROM arrivals WHERE id = 'd1@people.example'"));
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    public async Task A_mail_that_comes_twice_is_one_mail()
    {
        await Send("e1@people.example", "Sums", "multiply 1 and 1");
        Assert.Equal((HttpStatusCode.OK, "duplicate"), await Send("e1@people.example", "Sums", "multiply 1 and 1"));
        await _mail.Next();
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_body"), Told(await _sender.Post(_bench.Url("/triggers/post"), "no mail at all")));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_signature"), Told(await _sender.Post(_bench.Url("/triggers/post"), Mail("e2@people.example", "Sums", "hi", "", "mia@people.example"), secret: "whsec_" + Convert.ToBase64String(new byte[32]))));
    }

    [Fact]
    public async Task A_sender_counts_as_certain_only_when_the_named_server_has_checked_it()
    {
        Assert.Equal("accepted", (await Verified("f1@people.example", "Authentication-Results: mx.mail.example; dmarc=pass header.from=People.example\r\n")).Code);
        Assert.Equal("The result is 4.", (await _mail.Next()).Plain.Split('\n')[0]);
        Assert.Equal("ignored", (await Verified("f2@people.example", "")).Code);
        Assert.Equal("ignored", (await Verified("f3@people.example", "Authentication-Results: mx.mail.example; dmarc=fail header.from=people.example\r\n")).Code);
        Assert.Equal("ignored", (await Verified("f4@people.example", "Authentication-Results: mx.evil.example; dmarc=pass\r\n")).Code);
        // The check must be of the one who is taken for the sender.
        Assert.Equal("ignored", (await Verified("f6@people.example", "Authentication-Results: mx.mail.example; dmarc=pass header.from=evil.example\r\n")).Code);
        Assert.Equal("ignored", (await Verified("f7@people.example", "Authentication-Results: mx.mail.example; dmarc=pass header.from=evil.example\r\nFrom: Eve <eve@evil.example>\r\n")).Code);
        Assert.Equal("ignored", (await Verified("f8@people.example", "Authentication-Results: mx.mail.example; dmarc=pass header.from=people.example\r\n", from: "mia@people.example>, Eve <eve@evil.example")).Code);
        // Some name the domain whose policy it is, which may be one above the sender's.
        Assert.Equal("accepted", (await Verified("f9@people.example", "Authentication-Results: mx.mail.example; dmarc=pass header.from=people.example\r\n", "mia@eng.people.example")).Code);
        Assert.Equal("The result is 4.", (await _mail.Next()).Plain.Split('\n')[0]);
        Assert.Equal("ignored", (await Verified("f10@people.example", "Authentication-Results: mx.mail.example; dmarc=pass header.from=eng.people.example\r\n")).Code);
        // One that the sender wrote into the mail is below the one of the server.
        Assert.Equal("ignored", (await Verified("f5@people.example", "Authentication-Results: mx.mail.example; dmarc=fail\r\nAuthentication-Results: mx.mail.example; dmarc=pass\r\n")).Code);
    }

    [Fact]
    public async Task Where_only_a_person_may_answer_a_mail_is_not_enough_and_its_link_is()
    {
        await using var strict = await Bench.Start(_mail.As("mail", "notify=", "approvals=human").With("post", "type=email", "channel=mail", "agent=calculator", "from=*", "secret=" + Receiver.Secret));
        var to = strict.Url("/triggers/post");
        await _sender.Post(to, Mail("g1@people.example", "Sums", "hello", "", "mia@people.example"), media: "message/rfc822");
        var asks = await _mail.Next();
        await _sender.Post(to, Mail("g2@people.example", "Re: Sums", "multiply 1 and 1", $"In-Reply-To: <{asks.Id}>\r\n", "mia@people.example"), media: "message/rfc822");
        Assert.StartsWith("A mail is not enough to answer this", (await _mail.Next()).Plain, StringComparison.Ordinal);
        Assert.Single(await strict.Events((await strict.Stands("post", "g1@people.example", "pending")).ThreadId, "answer_refused"));
    }

    private async Task<(HttpStatusCode, string)> Send(string id, string subject, string body, string more = "", string from = "mia@people.example") =>
        Told(await _sender.Post(_bench.Url("/triggers/post"), Mail(id, subject, body, more, from), media: "message/rfc822"));

    private Task<Sender.Said> Verified(string id, string header, string from = "mia@people.example") =>
        _sender.Post(_bench.Url("/triggers/checked"), header + Mail(id, "Sums", "multiply 2 and 2", "", from), media: "message/rfc822");

    private static (HttpStatusCode, string) Told(Sender.Said said) => (said.Status, said.Code);

    private static string Mail(string id, string subject, string body, string more, string from) =>
        $"From: Mia <{from}>\r\nTo: sums@mail.example\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\nDate: Sun, 01 Mar 2026 09:00:00 +0000\r\n{more}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n";

    /// <summary>One server for all of these tests: each takes every mail it causes.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public MailServer Mail { get; } = new();

        public Bench Bench { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Bench = await Bench.Start(Mail.As("mail", "notify=")
            .With("post", "type=email", "channel=mail", "agent=calculator", "from=@people.example, agents@mail.example", "secret=" + Receiver.Secret)
            .With("checked", "type=email", "channel=mail", "agent=calculator", "from=mia@people.example, mia@eng.people.example", "secret=" + Receiver.Secret, "verified_by=mx.mail.example"));

        public async ValueTask DisposeAsync()
        {
            await Bench.DisposeAsync();
            await Mail.DisposeAsync();
        }
    }
}
