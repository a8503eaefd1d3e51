using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

// What is owed once more, with another word, is a message of its own.
public sealed class EscalatedAgainTests : IDisposable
{
    private static readonly RequestId Request = new(3);

    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly Outbox _outbox;

    public EscalatedAgainTests()
    {
        _store = _files.Store();
        _outbox = new Outbox(_files.Open(), _store);
    }

    [Fact]
    public async Task Every_message_of_a_request_is_known_when_it_is_closed()
    {
        var log = await Ask();
        await Escalate(log, "Mia is on holiday", 0);
        await Deliver(0, "1");
        await Escalate(log, "Still nobody", 2);
        Assert.Equal(["1"], await Deliver(2, "2"));
        await Escalate(log, "Hello?", 4);
        Assert.Equal(["1", "2"], await Deliver(4, "3"));
        await _store.Append(log, [Answered(3, approved: true)]);
        Assert.Equal(["1", "2", "3"], await Deliver(6, null));
        Assert.Equal("closed delivered 0, escalation delivered 2", Rows());
    }

    [Fact]
    public async Task Its_attempts_begin_anew()
    {
        var log = await Ask();
        await Escalate(log, "Mia is on holiday", 0);
        await _outbox.Failed((await Claim(0))!, "it is down", Nine.AddMinutes(1));
        await _outbox.Failed((await Claim(1))!, "it is down", null);
        Assert.Equal("escalation abandoned 0", Rows());

        await Escalate(log, "Still nobody", 2);

        var again = await Claim(2);
        Assert.Equal((1, null, "Still nobody"), (again!.Attempt, again.LastError, again.Note));
        await _outbox.Failed(again, "it is down", Nine.AddMinutes(3));
        var second = await Claim(3);
        Assert.Equal((2, "it is down", "escalation open 1"), (second!.Attempt, second.LastError, Rows()));
    }

    [Fact]
    public async Task Whoever_still_sends_the_one_before_says_nothing_of_it_but_that_it_was_sent()
    {
        var log = await Ask();
        await Escalate(log, "Mia is on holiday", 0);
        var before = await Claim(0);
        await Escalate(log, "Still nobody", 2);

        await _outbox.Failed(before!, "it is down", Nine.AddDays(1));
        await _outbox.Drop(before!);
        Assert.Equal(Nine.AddMinutes(2), _outbox.NextDue("boss"));
        await _outbox.Delivered(before!, JsonText.Of("1"), Nine.AddMinutes(2));

        Assert.Equal("escalation open 1", Rows());
        Assert.Equal(["1"], await Deliver(2, "2"));
    }

    [Fact]
    public async Task Who_was_told_before_learns_that_it_is_settled_though_the_second_word_never_came()
    {
        var log = await Ask();
        await Escalate(log, "Mia is on holiday", 0);
        await Deliver(0, "1");
        await Escalate(log, "Still nobody", 2);

        await _store.Append(log, [Answered(3, approved: true)]);

        Assert.Equal("closed open 0, escalation dropped 1", Rows());
        Assert.Equal(["1"], await Deliver(2, null));
    }

    [Fact]
    public async Task What_nobody_has_tried_to_send_yet_is_still_the_same_message()
    {
        var log = await Ask();
        await Escalate(log, "Mia is on holiday", 0);
        await Escalate(log, "Still nobody", 2);
        Assert.Equal(("escalation open 0", false), (Rows(), _outbox.WasTold(log.Thread.Id, Request, "boss")));
    }

    [Fact]
    public async Task Closing_once_more_for_what_arrived_late_is_a_message_of_its_own()
    {
        var log = await Ask();
        await Escalate(log, "Mia is on holiday", 0);
        await Deliver(0, "1");
        await Escalate(log, "Still nobody", 2);
        var late = await Claim(2);
        await _store.Append(log, [Answered(3, approved: true)]);
        Assert.Equal(["1"], await Deliver(3, null));

        await _outbox.Delivered(late!, JsonText.Of("2"), Nine.AddMinutes(3));

        Assert.Equal("closed open 1, escalation delivered 1", Rows());
        Assert.Equal(["1", "2"], await Deliver(4, null));
    }

    public void Dispose() => _files.Dispose();

    private Task<ThreadLog> Ask() =>
        TemporaryDatabase.Begin(_store, [Happened.Started, Chose(), new RequestOpened(Nine, RequestKind.Approval, "Push tag v1.4.0?", Action: TagPush)]);

    private async Task Escalate(ThreadLog log, string note, int minute) =>
        Assert.Equal(TimeSpan.Zero, await _outbox.Escalate(log.Thread.Id, Request, "boss", note, Nine.AddMinutes(minute)));

    private Task<Delivery?> Claim(int minute) => _outbox.Claim("boss", Nine.AddMinutes(minute));

    /// <returns>What the channel calls the messages that came before.</returns>
    private async Task<IEnumerable<string?>> Deliver(int minute, string? reference)
    {
        var claimed = await Claim(minute);
        await _outbox.Delivered(claimed!, reference is null ? null : JsonText.Of(reference), Nine.AddMinutes(minute));
        return claimed!.Told.Select(told => told.Reference?.AsString());
    }

    private string? Rows() => _files.Scalar<string>("SELECT group_concat(concat_ws(' ', kind, state, round), ', ' ORDER BY kind) FROM deliveries");
}
