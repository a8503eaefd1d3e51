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
        Assert.True(await _outbox.Escalate(log.Thread.Id, request, "boss", "Mia is on holiday", Nine));
        var first = await _outbox.Claim("boss", Nine);
        Assert.True(await _outbox.Escalate(log.Thread.Id, request, "boss", "Still nobody", Nine.AddSeconds(1)));

        await _outbox.Delivered(first!, null, Nine.AddSeconds(2));

        var second = await _outbox.Claim("boss", Nine.AddSeconds(2));
        Assert.Equal(("Mia is on holiday", "Still nobody"), (first!.Note, second?.Note));
        await _outbox.Delivered(second!, null, Nine.AddSeconds(3));
        Assert.Null(await _outbox.Claim("boss", Nine.AddMinutes(5)));
    }

    public void Dispose() => _files.Dispose();
}
