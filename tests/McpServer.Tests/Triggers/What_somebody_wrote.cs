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
    // Words at several places are nobody's one answer.
    [InlineData("> Hello.\nHello!\n> Which one?\nuse 5\n", "", "> Hello.\nHello!\n> Which one?\nuse 5")]
    [InlineData("-- \nMia\n\nOn Mon, 2 Mar 2026, AgentMcp wrote:\n> Which one?\n", "", null)]
    [InlineData("-----Original Message-----\nFrom: AgentMcp\n\nWhich one?", "", "-----Original Message-----\nFrom: AgentMcp\n\nWhich one?")]
    // Below a separator all is another's, also what stands between quotes of theirs.
    [InlineData("---------- Forwarded message ---------\nFrom: Bob\n\n> Which one?\nuse 5\n", "", "---------- Forwarded message ---------\nFrom: Bob\n\n> Which one?\nuse 5")]
    [InlineData("> Which one?\n-----Original Message-----\nFrom: Bob\nuse 5", "", "> Which one?\n-----Original Message-----\nFrom: Bob\nuse 5")]
    [InlineData("> Which one?\nuse 6\n-----Original Message-----\nFrom: Bob\nuse 5", "use 6", "> Which one?\n-----Original Message-----\nFrom: Bob\nuse 5")]
    public void What_a_mail_quotes_is_told_apart_from_what_was_written(string text, string own, string? quoted) =>
        Assert.Equal(new EmailWords(own, quoted), EmailWords.Of(new MimeMessage { Body = new TextPart("plain") { Text = text.ReplaceLineEndings("\r\n") } }));

    [Fact]
    public void A_mail_that_is_only_html_is_read_as_its_text() =>
        Assert.Equal(new EmailWords("Hello & welcome,\nuse 5.", null), EmailWords.Of(new MimeMessage
        {
            Body = new TextPart("html") { Text = "<html><head><title>t</title><style>p{color:red}</style></head><body><p>Hello &amp; welcome,</p><div>use <b>5</b>.</div><script>alert(1)</script></body></html>" },
        }));

    [Theory]
    [InlineData("<@U0BOT> ship it", "ship it")]
    [InlineData("ask <@U0MIA> or <@U0RAVI|ravi> in <#C0REL|releases> &lt;now&gt; &amp; <!here>", "ask @U0MIA or @ravi in #releases <now> & @here")]
    [InlineData("see <https://a.example/x?a=1&amp;b=2|the page> and <mailto:mia@people.example|mia@people.example>", "see https://a.example/x?a=1&b=2 and mia@people.example")]
    [InlineData("3 &lt; 4 &amp;lt; 5", "3 < 4 &lt; 5")]
    public void What_slack_encodes_is_read_as_it_was_typed(string text, string expected) => Assert.Equal(expected, SlackText.Decoded(text, ["U0BOT", null]));
}
