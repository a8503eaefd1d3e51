using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class EscalationTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly Outbox _outbox;

    public EscalationTests()
    {
        _store = _files.Store();
        _outbox = new Outbox(_files.Open(), _store);
    }

    [Fact]
    public async Task A_word_that_is_said_while_the_one_before_is_sent_is_sent_too()
    {
        var log = await TemporaryDatabase.Begin(_store, [Happened.Started, Chose(), new RequestOpened(Nine, RequestKind.Approval, "Push tag v1.4.0?", Action: TagPush)]);
        RequestId request = new(3);
        Assert.Equal(TimeSpan.Zero, await _outbox.Escalate(log.Thread.Id, request, "boss", "Mia is on holiday", Nine));
        var first = await _outbox.Claim("boss", Nine);
        Assert.Equal(TimeSpan.Zero, await _outbox.Escalate(log.Thread.Id, request, "boss", "Still nobody", Nine.AddSeconds(60)));

        await _outbox.Delivered(first!, null, Nine.AddSeconds(61));

        var second = await _outbox.Claim("boss", Nine.AddSeconds(61));
        Assert.Equal(("Mia is on holiday", "Still nobody"), (first!.Note, second?.Note));
        await _outbox.Delivered(second!, null, Nine.AddSeconds(62));
        Assert.Null(await _outbox.Claim("boss", Nine.AddMinutes(5)));
    }

    [Fact]
    public async Task A_channel_is_told_by_hand_of_a_request_once_in_a_minute()
    {
        var log = await TemporaryDatabase.Begin(_store, [Happened.Started, Chose(), new RequestOpened(Nine, RequestKind.Approval, "Push tag v1.4.0?", Action: TagPush)]);
        await Escalate("boss", 0);
        await _outbox.Delivered((await _outbox.Claim("boss", Nine))!, null, Nine);

        Assert.Equal(TimeSpan.FromSeconds(59), await Escalate("boss", 1));
        Assert.Equal("boss escalation delivered", Rows());
        // Another channel is told, and a clock that was set back keeps nobody waiting for longer.
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(60)), (await Escalate("mail", 1), await Escalate("boss", -3600)));
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(60)), (await Escalate("boss", 60), await Escalate("boss", 60)));
        await _store.Append(log, [Stopped]);
        Assert.Null(await Escalate("boss", 61));

        Task<TimeSpan?> Escalate(string channel, int seconds) => _outbox.Escalate(log.Thread.Id, new(3), channel, "Mia is on holiday", Nine.AddSeconds(seconds));
    }

    [Theory]
    [InlineData("answered")]
    [InlineData("expired")]
    [InlineData("cancelled")]
    public async Task What_nobody_else_was_told_of_is_settled_for_who_was_told_by_hand(string how)
    {
        var log = await TemporaryDatabase.Begin(_store, [Happened.Started, Chose(), new RequestOpened(Nine, RequestKind.Approval, "Push tag v1.4.0?", Action: TagPush)]);
        RequestId request = new(3);
        await _outbox.Escalate(log.Thread.Id, request, "boss", "Mia is on holiday", Nine);
        await _outbox.Delivered((await _outbox.Claim("boss", Nine))!, null, Nine);
        await _outbox.Escalate(log.Thread.Id, request, "mail", "Mia is on holiday", Nine);

        await _store.Append(log, [how switch
        {
            "answered" => Answered(3, approved: true),
            "expired" => new RequestExpired(Nine, request),
            _ => Stopped,
        }]);

        Assert.Equal("boss closed open, boss escalation delivered, mail escalation dropped", Rows());
    }

    [Fact]
    public async Task What_was_settled_and_is_still_owed_ends_when_it_is_dropped_and_can_be_purged()
    {
        var log = await TemporaryDatabase.Begin(_store, [Happened.Started, Chose(), new RequestOpened(Nine, RequestKind.Approval, "Push tag v1.4.0?", Action: TagPush)]);
        await _outbox.Escalate(log.Thread.Id, new(3), "boss", "Mia is on holiday", Nine);
        await _store.Append(log, [Stopped]);
        _files.Execute($"UPDATE deliveries SET state = 'open', due_at = {Nine.ToUnixTimeMilliseconds()}");
        Assert.Empty(new Purges(_files.Open()).Preview(Nine.AddDays(1)));
        var old = await _outbox.Claim("boss", Nine);
        var claimed = await _outbox.Claim("boss", Nine + Outbox.ClaimTime);

        await _outbox.Drop(old!);
        Assert.Equal("boss escalation open", Rows());
        await _outbox.Drop(claimed!);

        Assert.Equal("boss escalation dropped", Rows());
        Assert.Equal([log.Thread.Id.Value], new Purges(_files.Open()).Preview(Nine.AddDays(1)).Select(thread => thread.ThreadId));
    }

    public void Dispose() => _files.Dispose();

    private string? Rows() =>
        _files.Scalar<string>("SELECT group_concat(concat_ws(' ', channel, kind, state), ', ' ORDER BY channel, kind) FROM deliveries");
}
