using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Triggers;

/// <summary>With authentication every thread belongs to somebody, and people are asked by mail as before.</summary>
public sealed class Mails_answer_threads_of_somebody : IAsyncDisposable
{
    private readonly MailServer _mail = new();
    private readonly Sender _sender = new();

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task A_reply_that_is_vouched_for_answers_what_the_thread_of_a_principal_asks()
    {
        await using var server = await Start("verified_by=mx.mail.example");
        var asking = await server.Settled("ci", "calculator", JsonText.Parse("""{"message":"hello"}"""));
        var question = await _mail.Next();

        await Reply(server, question.Id, "Authentication-Results: mx.mail.example; dmarc=pass header.from=people.example\r\n");

        Assert.Contains("_closed", (await _mail.Next()).Id, StringComparison.Ordinal);
        var answered = Assert.Single(server.Core.Host.Get(asking.Thread.Id, "ci").Events.OfType<RequestAnswered>());
        Assert.Equal(("mia@people.example", "email:post", "multiply 6 and 7"), (answered.By, answered.Channel, answered.Response?.AsString()));
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public async Task One_that_nothing_vouches_for_answers_nothing_and_its_sender_is_told()
    {
        await using var server = await Start();
        var asking = await server.Settled("ci", "calculator", JsonText.Parse("""{"message":"hello"}"""));
        var question = await _mail.Next();

        await Reply(server, question.Id);

        Assert.Equal("A mail is not enough to answer this, since its sender can be forged: use the link of the mail that asked.\n", (await _mail.Next()).Plain);
        Assert.Equal(asking.Thread.Version, server.Core.Host.Get(asking.Thread.Id, "ci").Thread.Version);
    }

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await _mail.DisposeAsync();
    }

    private Task<GuardedServer> Start(params string[] more) => GuardedServer.Start(
        [.. _mail.As("mail").With("post", ["type=email", "channel=mail", "agent=calculator", "from=@people.example", "secret=" + Receiver.Secret, .. more])
            .Select(setting => (setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value))]);

    private async Task Reply(GuardedServer server, string to, string header = "") => Assert.Equal("accepted", (await _sender.Post(new Uri(server.Url, "/triggers/post"),
        $"{header}From: Mia <mia@people.example>\r\nTo: sums@mail.example\r\nSubject: Re: Sums\r\nMessage-ID: <p1@people.example>\r\nIn-Reply-To: <{to}>\r\nContent-Type: text/plain\r\n\r\nmultiply 6 and 7\r\n",
        media: "message/rfc822", change: request => request.Headers.Host = null)).Code);
}
