using System.Net;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Triggers;

namespace AgentMcp.Server.Tests.Channels;

public sealed class Mails_ask_and_lead_to_an_answer : IAsyncDisposable
{
    private readonly MailServer _mail = new();

    [Fact]
    public async Task A_mail_says_what_is_asked_in_text_and_html()
    {
        await using var bench = await Bench.Start(_mail.As("mail"));
        var asked = await bench.AskToDivide();
        var mail = await _mail.Next();
        Assert.Equal(["mia@people.example"], mail.Recipients);
        Assert.Equal(
            ("calculator: Run divide with a 3, b 4?", $"{asked.RequestId}_request@mail.example", "auto-generated", null),
            (mail.Message.Subject, mail.Id, mail.Message.Headers["Auto-Submitted"], mail.Message.InReplyTo));
        Assert.Equal(
            $$"""
            calculator asks for approval

            Run divide with a 3, b 4?

            What would be done: divide
            {
              "a": 3,
              "b": 4
            }

            Answer here:
            {{mail.Link}}

            The link works once, for one browser, and opens this request only. Do not pass it on: whoever opens it can answer. Nothing is answered before you press a button on the page.

            -- 
            {{asked.RequestId}}

            """, mail.Plain);
        Assert.Contains($"""<a href="{mail.Link.Replace("&", "&amp;", StringComparison.Ordinal)}" """, mail.Html.Replace("&#x2B;", "+", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looking_at_the_link_answers_nothing_and_pressing_the_button_on_its_page_does()
    {
        await using var bench = await Bench.Start(_mail.As("mail", "approvals=human"));
        var asked = await bench.AskToDivide();
        var mail = await _mail.Next();
        using (var scanner = new InboxVisitor(mail.Link))
        {
            Assert.Equal(HttpStatusCode.OK, (await scanner.Look(new Uri(mail.Link).PathAndQuery)).Status);
            Assert.Equal(HttpStatusCode.OK, (await scanner.Look(new Uri(mail.Link).PathAndQuery)).Status);
        }

        Assert.Equal((asked.Version, "pending"), await bench.Get(asked.ThreadId) is var still ? (still.Version, still.Status) : default);
        using var person = new InboxVisitor(mail.Link);
        await person.Approve(asked.RequestId);
        Assert.Equal("The result is 0.75.", (await bench.Finished(asked.ThreadId)).Message);
        Assert.Equal("email:mail", Assert.Single(await bench.Events(asked.ThreadId, "request_answered")).GetProperty("channel").GetString());

        // It worked once, and for this page alone.
        using var second = new InboxVisitor(mail.Link);
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.SignIn()).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await person.Look("/")).Status);
    }

    [Fact]
    public async Task Everybody_who_is_told_gets_a_link_of_their_own()
    {
        await using var bench = await Bench.Start(_mail.As("mail", "channels__mail__to=Mia <mia@people.example>, ravi@people.example", "approvals=human"));
        var asked = await bench.AskToDivide();
        var (mia, ravi) = (await _mail.Next(), await _mail.Next());
        Assert.Equal([("mia@people.example", mia.Id), ("ravi@people.example", mia.Id)], [(mia.Recipients.Single(), mia.Id), (ravi.Recipients.Single(), ravi.Id)]);
        Assert.NotEqual(mia.Link, ravi.Link);
        using var first = new InboxVisitor(mia.Link);
        await first.SignIn();
        using var second = new InboxVisitor(ravi.Link);
        await second.Approve(asked.RequestId);
        Assert.Equal("The result is 0.75.", (await bench.Finished(asked.ThreadId)).Message);
    }

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task All_that_follows_is_a_reply_in_the_same_conversation()
    {
        await using var bench = await Bench.Start(_mail.As("mail", "remind_after=0.2s"));
        var asked = await bench.AskToDivide();
        var (first, reminder) = (await _mail.Next(), await _mail.Next());
        var answered = await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = false, comment = "use 5 instead" });
        MailServer.Mail[] then = [await _mail.Next(), await _mail.Next()];
        var closed = then.Single(mail => mail.Id.Contains("_closed", StringComparison.Ordinal));
        var next = then.Single(mail => mail.Id.Contains("_request", StringComparison.Ordinal));

        Assert.Equal(
            ["calculator: Run divide with a 3, b 4?", "Re: calculator: Run divide with a 3, b 4?", "Re: calculator: Run divide with a 3, b 4?", "Re: calculator: Run divide with a 3, b 4?"],
            [first.Message.Subject, reminder.Message.Subject, closed.Message.Subject, next.Message.Subject]);
        Assert.Equal(($"{asked.RequestId}_reminder@mail.example", first.Id), (reminder.Id, reminder.Message.InReplyTo));
        Assert.Equal(reminder.Id, closed.Message.InReplyTo);
        Assert.Equal([first.Id, reminder.Id], closed.Message.References.ToArray());
        Assert.Equal((answered.RequestId + "_request@mail.example", reminder.Id), (next.Id, next.Message.InReplyTo));
        Assert.Equal([first.Id, reminder.Id], next.Message.References.ToArray());
        Assert.Contains("\nRejected by local through http: use 5 instead.\n", closed.Plain, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", closed.Plain + closed.Html, StringComparison.Ordinal);
        Assert.StartsWith("Reminder: calculator asks for approval\n", reminder.Plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Foreign_text_is_text_in_the_html_and_cannot_add_a_header()
    {
        await using var bench = await Bench.Start(_mail.As("mail"));
        await bench.Ask(new { intent = "request_human_input", question = "Which one?\r\nBcc: eve@evil.example\r\n\r\n<script>alert('é')</script>", context = "<img src=x> & co \u202E" });
        var mail = await _mail.Next();
        Assert.Equal(["mia@people.example"], mail.Recipients);
        Assert.Equal(("puppet: Which one? Bcc: eve@evil.example <script>alert('é')</script>", null), (mail.Message.Subject, mail.Message.Headers["Bcc"]));
        Assert.DoesNotContain("<script", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", mail.Html, StringComparison.Ordinal);
        Assert.Contains("<script>alert('é')</script>", mail.Plain, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', mail.Plain);
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task A_refused_mail_is_noted_by_its_number_and_sent_again_under_the_same_id()
    {
        _mail.Refusals.Enqueue("451 4.2.0 mia@people.example is busy");
        await using var bench = await Bench.Start(_mail.As("mail"));
        var asked = await bench.AskToDivide();
        var mail = await _mail.Next();
        Assert.Equal($"{asked.RequestId}_request@mail.example", mail.Id);
        Assert.Equal("the mail server answered 451", Assert.Single(await bench.Events(asked.ThreadId, "delivery_failed")).GetProperty("error").GetString());
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task An_address_that_is_refused_keeps_the_others_neither_from_being_told_nor_from_being_told_once()
    {
        _mail.Refused["ravi@people.example"] = "550 5.1.1 ravi@people.example is unknown";
        await using var bench = await Bench.Start(_mail.As("mail", "channels__mail__to=mia@people.example, ravi@people.example, zoe@people.example"));
        var asked = await bench.AskToDivide();
        MailServer.Mail[] told = [await _mail.Next(), await _mail.Next()];
        Assert.Equal(
            [("mia@people.example", $"{asked.RequestId}_request@mail.example"), ("zoe@people.example", $"{asked.RequestId}_request@mail.example")],
            told.Select(mail => (mail.Recipients.Single(), mail.Id)));

        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });
        MailServer.Mail[] closed = [await _mail.Next(), await _mail.Next()];
        Assert.Equal(
            [("mia@people.example", $"{asked.RequestId}_closed@mail.example", told[0].Id), ("zoe@people.example", $"{asked.RequestId}_closed@mail.example", told[0].Id)],
            closed.Select(mail => (mail.Recipients.Single(), mail.Id, mail.Message.InReplyTo)));
        Assert.Equal("request 1, closed 1", await bench.Found(
            "SELECT group_concat(kind || ' ' || attempts, ', ') FROM (SELECT * FROM deliveries WHERE state = 'delivered' ORDER BY kind DESC) HAVING count(*) = 2"));
        Assert.Empty(await bench.Events(asked.ThreadId, "delivery_failed"));
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task Where_every_address_is_refused_it_is_tried_again()
    {
        _mail.Refusals.Enqueue("550 5.1.1 no such person");
        _mail.Refusals.Enqueue("452 4.2.2 full");
        await using var bench = await Bench.Start(_mail.As("mail", "channels__mail__to=mia@people.example, ravi@people.example"));
        var asked = await bench.AskToDivide();
        MailServer.Mail[] told = [await _mail.Next(), await _mail.Next()];
        Assert.Equal(["mia@people.example", "ravi@people.example"], told.Select(mail => mail.Recipients.Single()));
        Assert.Equal("the mail server answered 452", Assert.Single(await bench.Events(asked.ThreadId, "delivery_failed")).GetProperty("error").GetString());
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task A_server_that_takes_only_so_many_mails_over_one_connection_is_called_again_and_nobody_is_told_twice()
    {
        _mail.MailsOfAConnection = 2;
        await using var bench = await Bench.Start(_mail.As("mail", "channels__mail__to=mia@people.example, ravi@people.example, zoe@people.example, kim@people.example, lea@people.example"));
        var asked = await bench.AskToDivide();
        List<MailServer.Mail> told = [await _mail.Next(), await _mail.Next(), await _mail.Next(), await _mail.Next(), await _mail.Next()];
        Assert.Equal(["mia@people.example", "ravi@people.example", "zoe@people.example", "kim@people.example", "lea@people.example"], told.Select(mail => mail.Recipients.Single()));
        Assert.Equal("delivered 1", await bench.Found("SELECT state || ' ' || attempts FROM deliveries WHERE state = 'delivered'"));
        Assert.Equal(3, _mail.Connections);
        Assert.Empty(await bench.Events(asked.ThreadId, "delivery_failed"));
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task One_that_breaks_off_for_good_gets_no_one_told_again()
    {
        (_mail.MailsOfAConnection, _mail.MostConnections) = (1, 2);
        await using var bench = await Bench.Start(_mail.As("mail", "channels__mail__to=mia@people.example, ravi@people.example, zoe@people.example"));
        var asked = await bench.AskToDivide();
        MailServer.Mail[] told = [await _mail.Next(), await _mail.Next()];
        Assert.Equal(["mia@people.example", "ravi@people.example"], told.Select(mail => mail.Recipients.Single()));
        Assert.Equal("delivered 1", await bench.Found("SELECT state || ' ' || attempts FROM deliveries WHERE state = 'delivered'"));
        Assert.Equal(3, _mail.Connections);
        Assert.Empty(await bench.Events(asked.ThreadId, "delivery_failed"));
    }

    [Theory]
    [InlineData("mia@people.example, ravi@people.example, zoe@people.example")]
    [InlineData("ravi@people.example, mia@people.example, zoe@people.example")]
    [Trait("Accepts", "F7.5")]
    public async Task One_that_breaks_off_for_one_address_keeps_the_others_neither_from_being_told_nor_from_being_told_once(string to)
    {
        _mail.Refused["ravi@people.example"] = "421 4.3.0 not for this one";
        await using var bench = await Bench.Start(_mail.As("mail", "channels__mail__to=" + to));
        var asked = await bench.AskToDivide();
        MailServer.Mail[] told = [await _mail.Next(), await _mail.Next()];
        Assert.Equal(["mia@people.example", "zoe@people.example"], told.Select(mail => mail.Recipients.Single()));
        Assert.Equal("delivered 1", await bench.Found("SELECT state || ' ' || attempts FROM deliveries WHERE state = 'delivered'"));
        Assert.Empty(await bench.Events(asked.ThreadId, "delivery_failed"));
    }

    [Fact]
    public async Task A_wrong_password_is_named_as_what_it_is()
    {
        await using var bench = await Bench.Start(_mail.As("mail", "channels__mail__password=another", "channels__mail__attempts=1"));
        var asked = await bench.AskToDivide();
        System.Text.Json.JsonElement[] failed;
        do
        {
            failed = await bench.Events(asked.ThreadId, "delivery_failed");
        }
        while (failed.Length == 0);

        Assert.Equal("the mail server does not accept the user and password; given up after 1 attempt", Assert.Single(failed).GetProperty("error").GetString());
    }

    public ValueTask DisposeAsync() => _mail.DisposeAsync();
}
