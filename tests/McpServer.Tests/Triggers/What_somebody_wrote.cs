using AgentMcp.Server.Channels.Slack;
using AgentMcp.Server.Triggers;
using MimeKit;

namespace AgentMcp.Server.Tests.Triggers;

public class What_somebody_wrote
{
    [Theory]
    [InlineData("use 5\n", "use 5", null)]
    [InlineData("use 5\n\n-- \nMia\nHead of sums", "use 5", null)]
    [InlineData("use 5\n\nOn Mon, 2 Mar 2026 at 09:00, AgentMcp <agents@mail.example> wrote:\n\n> Which one?\n", "use 5", "On Mon, 2 Mar 2026 at 09:00, AgentMcp <agents@mail.example> wrote:\n\n> Which one?")]
    [InlineData("use 5\n\nOn Mon, 2 Mar 2026 at 09:00, AgentMcp\n<agents@mail.example> wrote:\n> Which one?\n", "use 5", "On Mon, 2 Mar 2026 at 09:00, AgentMcp\n<agents@mail.example> wrote:\n> Which one?")]
    [InlineData("Am 02.03.2026 um 09:00 schrieb AgentMcp:\n> Which one?\n", "", "Am 02.03.2026 um 09:00 schrieb AgentMcp:\n> Which one?")]
    [InlineData("use 5\n-----Original Message-----\nFrom: AgentMcp\n\nWhich one?", "use 5", "-----Original Message-----\nFrom: AgentMcp\n\nWhich one?")]
    [InlineData("5 > 4, so use 5\nOn we go.", "5 > 4, so use 5\nOn we go.", null)]
    // Below what is quoted, or in the middle of it.
    [InlineData("On Mon, 2 Mar 2026, AgentMcp wrote:\n> Which one?\n\nuse 5\nor 6\n", "use 5\nor 6", "On Mon, 2 Mar 2026, AgentMcp wrote:\n> Which one?")]
    [InlineData("> Which one?\nuse 5\n\n-- \nMia", "use 5", "> Which one?")]
    [InlineData("\nOn Mon, 2 Mar 2026, AgentMcp\n<agents@mail.example> wrote:\n> Which one?\n\nuse 5\n\n> -- \n> req_1\n", "use 5", "On Mon, 2 Mar 2026, AgentMcp\n<agents@mail.example> wrote:\n> Which one?\n\n> -- \n> req_1")]
    [InlineData("use 5\n\nOn Mon, 2 Mar 2026, AgentMcp\n<agents@mail.example> wrote:\n> Which one?\n\n-- \nMia", "use 5", "On Mon, 2 Mar 2026, AgentMcp\n<agents@mail.example> wrote:\n> Which one?\n\n-- \nMia")]
    // Readers that mark no quotes copy the head of the mail; others name what follows.
    [InlineData("use 5\n\nFrom: AgentMcp <agents@mail.example>\nSent: Monday, 2 March 2026 09:00\nTo: Mia\nSubject: Which one?\n\nuse 6", "use 5", "From: AgentMcp <agents@mail.example>\nSent: Monday, 2 March 2026 09:00\nTo: Mia\nSubject: Which one?\n\nuse 6")]
    [InlineData("use 5\n\nVon: AgentMcp\nGesendet: Montag, 2. März 2026 09:00\nAn: Mia\nBetreff: Which one?\n\nuse 6", "use 5", "Von: AgentMcp\nGesendet: Montag, 2. März 2026 09:00\nAn: Mia\nBetreff: Which one?\n\nuse 6")]
    [InlineData("use 5\n\nDe : AgentMcp\nEnvoyé : lundi 2 mars 2026 09:00\nÀ : Mia\nObjet : Which one?\n\nuse 6", "use 5", "De : AgentMcp\nEnvoyé : lundi 2 mars 2026 09:00\nÀ : Mia\nObjet : Which one?\n\nuse 6")]
    [InlineData("*From:* AgentMcp\n*Date:* Monday\n*Subject:* Which one?\n\n> Which one?\nuse 6", "", "*From:* AgentMcp\n*Date:* Monday\n*Subject:* Which one?\n\n> Which one?\nuse 6")]
    [InlineData("From: Berlin\nTo: Paris\nDate: tomorrow", "From: Berlin\nTo: Paris\nDate: tomorrow", null)]
    [InlineData("Begin forwarded message:\n\nuse 6", "", "Begin forwarded message:\n\nuse 6")]
    [InlineData("use 5\n\n-------- Weitergeleitete Nachricht --------\nuse 6", "use 5", "-------- Weitergeleitete Nachricht --------\nuse 6")]
    [InlineData("use 5\n\nLe lun. 2 mars 2026 à 09:00, AgentMcp a écrit :\n> Which one?\n", "use 5", "Le lun. 2 mars 2026 à 09:00, AgentMcp a écrit :\n> Which one?")]
    // Words at several places are nobody's one answer, and those above may be but a greeting.
    [InlineData("Hi Mia,\n\nOn Mon, 2 Mar 2026, AgentMcp wrote:\n> Which one?\n\nuse 5\n", "", "Hi Mia,\n\nOn Mon, 2 Mar 2026, AgentMcp wrote:\n> Which one?\n\nuse 5")]
    [InlineData("I have thought about it for a long time.\nSee below.\n\n> Which one?\nuse 5\n> Why?\nIt is odd.", "", "I have thought about it for a long time.\nSee below.\n\n> Which one?\nuse 5\n> Why?\nIt is odd.")]
    [InlineData("Take the one that we have used last year, please.\n\n> Which one?\n\nThis mail is confidential.", "Take the one that we have used last year, please.", "> Which one?\n\nThis mail is confidential.")]
    [InlineData("use 5\n\n> Which one?\n\n-- \nMia", "use 5", "> Which one?\n\n-- \nMia")]
    [InlineData("use 5\n\n> Which one?\n\n____________________\nlist mailing list", "use 5", "> Which one?\n\n____________________\nlist mailing list")]
    [InlineData("> Hello.\nHello!\n> Which one?\nuse 5\n", "", "> Hello.\nHello!\n> Which one?\nuse 5")]
    [InlineData("-- \nMia\n\nOn Mon, 2 Mar 2026, AgentMcp wrote:\n> Which one?\n", "", null)]
    [InlineData("-----Original Message-----\nFrom: AgentMcp\n\nWhich one?", "", "-----Original Message-----\nFrom: AgentMcp\n\nWhich one?")]
    // Below a separator all is another's, also what stands between quotes of theirs.
    [InlineData("---------- Forwarded message ---------\nFrom: Bob\n\n> Which one?\nuse 5\n", "", "---------- Forwarded message ---------\nFrom: Bob\n\n> Which one?\nuse 5")]
    [InlineData("> Which one?\n-----Original Message-----\nFrom: Bob\nuse 5", "", "> Which one?\n-----Original Message-----\nFrom: Bob\nuse 5")]
    [InlineData("> Which one?\nuse 6\n-----Original Message-----\nFrom: Bob\nuse 5", "use 6", "> Which one?\n-----Original Message-----\nFrom: Bob\nuse 5")]
    public void What_a_mail_quotes_is_told_apart_from_what_was_written(string text, string own, string? quoted) =>
        Assert.Equal(new EmailWords(own, quoted), EmailWords.Of(new MimeMessage { InReplyTo = "req_1@mail.example", Body = new TextPart("plain") { Text = text.ReplaceLineEndings("\r\n") } }));

    [Fact]
    public void The_words_of_a_first_mail_are_those_above_what_it_quotes() =>
        Assert.Equal(new EmailWords("Please deploy this:", "> build 1234\n\nThanks,\nMia"), EmailWords.Of(new MimeMessage { Body = new TextPart("plain") { Text = "Please deploy this:\n\n> build 1234\n\nThanks,\nMia" } }));

    [Fact]
    public void A_mail_that_is_only_html_is_read_as_its_text() =>
        Assert.Equal(new EmailWords("Hello & welcome,\nuse 5.", null), EmailWords.Of(new MimeMessage
        {
            Body = new TextPart("html") { Text = "<html><head><title>t</title><style>p{color:red}</style></head><body><p>Hello &amp; welcome,</p><div>use <b>5</b>.</div><script>alert(1)</script></body></html>" },
        }));

    [Theory]
    [InlineData("<div>use 5</div><div class=gmail_quote><div>On Mon, 2 Mar 2026, AgentMcp wrote:<br></div><blockquote><div>Which one?</div><p>use 6</blockquote></div>", "use 5", "On Mon, 2 Mar 2026, AgentMcp wrote:\n> Which one?\n> use 6")]
    [InlineData("<blockquote>Which one?</blockquote><div>use 5</div>", "use 5", "> Which one?")]
    [InlineData("<div>use 5</div><div>-- </div><div>Mia</div>", "use 5", null)]
    [InlineData("use 5<hr><div><b>From:</b> AgentMcp</div>use 6", "use 5", "________________________________\nFrom: AgentMcp\nuse 6")]
    [InlineData("<p>use 5</p><p><b>From:</b> AgentMcp<br>\n<b>Sent:</b> Monday<br>\n<b>Subject:</b> Which one?</p><p>use 6</p>", "use 5", "From: AgentMcp\nSent: Monday\nSubject: Which one?\nuse 6")]
    public void What_a_mail_that_is_only_html_quotes_is_told_apart_too(string html, string own, string? quoted) =>
        Assert.Equal(new EmailWords(own, quoted), EmailWords.Of(new MimeMessage { Body = new TextPart("html") { Text = html } }));

    [Theory]
    [InlineData("Answer here:\n> https://agents.example.com/sign-in?code=bWlh_-A.0fa1\n> The link", "Answer here:\n> https://agents.example.com/sign-in?code=[redacted]\n> The link")]
    [InlineData("https://safe.example/?url=http%3A%2F%2Fa.example%2Fsign-in%3Fcode%3Dabc.def%26x&data=1", "https://safe.example/?url=http%3A%2F%2Fa.example%2Fsign-in%3Fcode%3D[redacted]&data=1")]
    [InlineData("see https://agents.example.com/sign-in and \\ \"use\" 5", "see https://agents.example.com/sign-in and \\ \"use\" 5")]
    public void A_link_that_signs_somebody_in_does_not_come_in(string text, string kept)
    {
        var message = (Incoming.Message)new Incoming.Message("calculator", "mia", Shown.EmailTag, Shown.Email("mia", null, text, text, [new(Content: text)]), text, Subject: text).WithoutLinks();
        Assert.Equal((kept, kept, Shown.Email("mia", null, kept, kept, [new(Content: kept)])), (message.Words, message.Subject, message.Shown));
    }

    [Theory]
    [InlineData("<@U0BOT> ship it", "ship it")]
    [InlineData("ask <@U0MIA> or <@U0RAVI|ravi> in <#C0REL|releases> &lt;now&gt; &amp; <!here>", "ask @U0MIA or @ravi in #releases <now> & @here")]
    [InlineData("see <https://a.example/x?a=1&amp;b=2|the page> and <mailto:mia@people.example|mia@people.example>", "see https://a.example/x?a=1&b=2 and mia@people.example")]
    [InlineData("3 &lt; 4 &amp;lt; 5", "3 < 4 &lt; 5")]
    public void What_slack_encodes_is_read_as_it_was_typed(string text, string expected) => Assert.Equal(expected, SlackText.Decoded(text, ["U0BOT", null]));
}
