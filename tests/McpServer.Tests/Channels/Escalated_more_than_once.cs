using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>Another word about the same request is another message: with an id of its own, and rewritten like the first once the request is closed.</summary>
public sealed class Escalated_more_than_once
{
    [Fact]
    public async Task A_receiver_of_webhooks_takes_both()
    {
        await using var boss = new Receiver();
        await using var bench = await Bench.Start(boss.As("boss"));
        var asked = await bench.AskToDivide();
        await Escalate(bench, asked, "Mia is on holiday", minutesAgo: 5);
        var first = await boss.Next();
        await Escalate(bench, asked, "Still nobody", minutesAgo: 3);
        var second = await boss.Next();

        Assert.Equal(
            [($"{asked.RequestId}_escalation", "Mia is on holiday"), ($"{asked.RequestId}_escalation_1", "Still nobody")],
            new[] { first, second }.Select(told => (told.Id, told.Data.GetProperty("escalation_msg").GetString())));
    }

    [Fact]
    public async Task Both_mails_are_in_one_conversation()
    {
        await using var mail = new MailServer();
        await using var bench = await Bench.Start(mail.As("mail", "notify="));
        var asked = await bench.AskToDivide();
        await Escalate(bench, asked, "Mia is on holiday", minutesAgo: 5, channel: "mail");
        var first = await mail.Next();
        await Escalate(bench, asked, "Still nobody", minutesAgo: 3, channel: "mail");
        var second = await mail.Next();

        Assert.Equal(($"{asked.RequestId}_escalation_1@mail.example", first.Id), (second.Id, second.Message.InReplyTo));
    }

    [Fact]
    public async Task No_message_in_slack_keeps_its_buttons_once_the_request_is_closed()
    {
        await using var slack = new SlackDouble();
        await using var bench = await Bench.Start(slack.As("boss", "notify="));
        var asked = await bench.AskToDivide();
        await Escalate(bench, asked, "Mia is on holiday", minutesAgo: 5);
        var first = await slack.Next("chat.postMessage");
        await Escalate(bench, asked, "Still nobody", minutesAgo: 3);
        var second = await slack.Next("chat.postMessage");

        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });

        SlackDouble.Call[] updated = [await slack.Next("chat.update"), await slack.Next("chat.update")];
        Assert.Equal([first.Ts, second.Ts], updated.Select(update => update.Ts));
        Assert.Empty(updated.SelectMany(update => update.Elements));
    }

    // As another process on the database, once the one before was sent.
    private static async Task Escalate(Bench bench, Reply asked, string note, int minutesAgo, string channel = "boss")
    {
        using var database = Database.Open(bench.Database);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var outbox = new Outbox(database, store);
        Assert.True(RequestId.TryParse(asked.RequestId, out var thread, out var request));
        using var patience = new CancellationTokenSource(Bench.Patience);
        while (outbox.NextDue(channel) is not null)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(TimeSpan.Zero, await outbox.Escalate(thread, request, channel, note, DateTimeOffset.UtcNow.AddMinutes(-minutesAgo)));
    }
}
