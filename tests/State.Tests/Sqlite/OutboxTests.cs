using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class OutboxTests : IDisposable
{
    private static readonly TimeSpan Claim = Outbox.ClaimTime;
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly Outbox _outbox;

    public OutboxTests()
    {
        _store = _files.Store();
        _outbox = new Outbox(_files.Open(), _store);
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task What_is_owed_is_written_with_the_request_and_due_at_once_or_when_it_says()
    {
        await Ask(new Reach(["ops", "Mail", "ops"], Nine.AddHours(1), "boss", Nine.AddHours(2)));
        Assert.Equal(
            ["3 boss escalation open 11:00", "3 mail reminder open 10:00", "3 mail request open 09:00", "3 ops reminder open 10:00", "3 ops request open 09:00"],
            Rows());
    }

    [Fact]
    public async Task A_request_that_nobody_is_to_be_told_of_owes_nothing()
    {
        await Ask(null);
        await TemporaryDatabase.Begin(_store, Logs["Waiting in doubt"]);
        Assert.Empty(Rows());
    }

    [Fact]
    public async Task An_append_that_lost_the_race_owes_nothing()
    {
        var log = await TemporaryDatabase.Begin(_store, Logs["Chosen"]);
        await _store.Append(log, [Began()]);
        await Assert.ThrowsAsync<ConflictException>(() => _store.Append(log, [Approval(new Reach(["ops"]))]));
        Assert.Empty(Rows());
    }

    [Fact]
    public async Task A_message_is_claimed_by_one_of_two_processes_and_by_the_other_once_the_claim_has_ended()
    {
        var log = await Ask(new Reach(["ops"]));
        var other = new Outbox(_files.Open(), _files.Store());
        var first = await _outbox.Claim("ops", Nine);
        Assert.Equal((log.Thread.Id, 3, "ops", DeliveryKind.Request, 1, null), (first!.Thread, first.Request.Version, first.Channel, first.Kind, first.Attempt, first.LastError));
        Assert.Null(await other.Claim("ops", Nine + Claim - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(2, (await other.Claim("ops", Nine + Claim))!.Attempt);
    }

    [Fact]
    public async Task Of_many_that_claim_at_once_each_message_goes_to_exactly_one()
    {
        for (var i = 0; i < 12; i++)
        {
            await Ask(new Reach(["ops"]));
        }

        List<Outbox> processes = [_outbox, new(_files.Open(), _files.Store()), new(_files.Open(), _files.Store())];
        var claimed = await Task.WhenAll(processes.Select(process => Task.Run(async () =>
        {
            var mine = new List<ThreadId>();
            while (await process.Claim("ops", Nine) is { } delivery)
            {
                mine.Add(delivery.Thread);
            }

            return mine;
        }, TestContext.Current.CancellationToken)));
        Assert.Equal((12, 12), (claimed.Sum(mine => mine.Count), claimed.SelectMany(mine => mine).Distinct().Count()));
    }

    [Fact]
    public async Task A_sender_that_died_between_sending_and_saying_so_has_it_sent_once_more()
    {
        await Ask(new Reach(["ops"]));
        await _outbox.Claim("ops", Nine);
        // The process is gone here. Another finds the same message due when the claim ends, and nothing is due after that.
        var other = new Outbox(_files.Open(), _files.Store());
        Assert.Equal(Nine + Claim, other.NextDue("ops"));
        var again = await other.Claim("ops", Nine + Claim);
        await other.Delivered(again!, JsonText.Parse("""{"ts":"2"}"""), Nine + Claim);
        Assert.Null(other.NextDue("ops"));
        Assert.Equal(["3 ops request delivered {\"ts\":\"2\"}"], Rows());
    }

    [Fact]
    public async Task A_claim_that_was_taken_over_can_still_say_that_it_sent_but_not_that_it_failed()
    {
        await Ask(new Reach(["ops"]));
        var slow = await _outbox.Claim("ops", Nine);
        var quick = await _outbox.Claim("ops", Nine + Claim);
        await _outbox.Failed(slow!, "too late to tell", Ten);
        Assert.Equal(Nine + Claim + Claim, _outbox.NextDue("ops"));
        await _outbox.Delivered(slow!, null, Ten);
        await _outbox.Failed(quick!, "it was there already", Ten);
        Assert.Equal(["3 ops request delivered"], Rows());
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task What_fails_is_due_again_when_told_and_given_up_when_told()
    {
        await Ask(new Reach(["ops"]));
        await _outbox.Failed((await _outbox.Claim("ops", Nine))!, "the server answered 503", Nine.AddMinutes(5));
        Assert.Null(await _outbox.Claim("ops", Nine.AddMinutes(4)));
        var second = await _outbox.Claim("ops", Nine.AddMinutes(5));
        Assert.Equal((2, "the server answered 503"), (second!.Attempt, second.LastError));
        await _outbox.Failed(second, "the server answered 500", null);
        Assert.Equal(["3 ops request abandoned the server answered 500"], Rows());
        Assert.Null(_outbox.NextDue("ops"));
    }

    [Fact]
    public async Task A_claim_given_back_is_due_at_once()
    {
        await Ask(new Reach(["ops"]));
        await _outbox.Release((await _outbox.Claim("ops", Nine))!, Nine);
        Assert.NotNull(await new Outbox(_files.Open(), _files.Store()).Claim("ops", Nine));
    }

    [Theory]
    [InlineData("answered")]
    [InlineData("expired")]
    [InlineData("cancelled")]
    public async Task When_it_is_settled_reminders_are_dropped_and_whoever_was_told_is_told_that_too(string how)
    {
        var log = await Ask(new Reach(["ops", "mail"], Nine.AddMinutes(30), "boss", Nine.AddMinutes(40)));
        await _outbox.Delivered((await _outbox.Claim("ops", Nine))!, null, Nine);
        await _store.Append(log, [how switch { "answered" => Answered(3, approved: true), "expired" => new RequestExpired(Nine, new(3)), _ => Stopped }]);
        Assert.Equal(
            ["3 boss escalation dropped", "3 mail reminder dropped", "3 mail request dropped", "3 ops closed open 09:00", "3 ops reminder dropped", "3 ops request delivered"],
            Rows());
    }

    [Fact]
    public async Task A_message_on_its_way_when_the_request_is_settled_is_followed_by_that()
    {
        var log = await Ask(new Reach(["ops"]));
        var onItsWay = await _outbox.Claim("ops", Nine);
        await _store.Append(log, [Answered(3, approved: true)]);
        Assert.Equal(["3 ops request dropped"], Rows());
        await _outbox.Delivered(onItsWay!, null, Nine.AddSeconds(2));
        Assert.Equal(["3 ops closed open 09:00", "3 ops request delivered"], Rows());
    }

    [Fact]
    public async Task What_was_dropped_while_it_was_tried_is_not_tried_again()
    {
        var log = await Ask(new Reach(["ops"]));
        var tried = await _outbox.Claim("ops", Nine);
        await _store.Append(log, [Answered(3, approved: true)]);
        await _outbox.Failed(tried!, "the server answered 503", Ten);
        Assert.Equal(["3 ops request dropped"], Rows());
    }

    [Fact]
    public async Task A_reminder_waits_for_the_request_and_counts_from_when_that_was_told()
    {
        await Ask(new Reach(["ops"], Nine.AddMinutes(1)));
        await _outbox.Failed((await _outbox.Claim("ops", Nine))!, "down", Nine.AddMinutes(10));
        Assert.Null(await _outbox.Claim("ops", Nine.AddMinutes(5)));
        var late = await _outbox.Claim("ops", Nine.AddMinutes(10));
        await _outbox.Delivered(late!, null, Nine.AddMinutes(10));
        Assert.Equal(["3 ops reminder open 09:11", "3 ops request delivered"], Rows());
    }

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task Every_message_comes_with_what_the_channel_was_told_before_in_its_thread()
    {
        var log = await Ask(new Reach(["ops", "mail"], Nine.AddMinutes(1)));
        await _outbox.Delivered((await _outbox.Claim("ops", Nine))!, JsonText.Parse("""{"ts":"1"}"""), Nine);
        var reminder = await _outbox.Claim("ops", Nine.AddMinutes(1));
        Assert.Equal([new Told(new(3), DeliveryKind.Request, JsonText.Parse("""{"ts":"1"}"""))], reminder!.Told);
        await _outbox.Delivered(reminder, JsonText.Parse("""{"ts":"2"}"""), Nine.AddMinutes(1));
        await _store.Append(log, [Answered(3, approved: false), Approval(new Reach(["ops"]), at: Nine.AddMinutes(2))]);
        var (next, after) = (await _outbox.Claim("ops", Nine.AddMinutes(3)), await _outbox.Claim("ops", Nine.AddMinutes(3)));
        Assert.Equal((DeliveryKind.Closed, 3, DeliveryKind.Request, 5), (next!.Kind, next.Request.Version, after!.Kind, after.Request.Version));
        Assert.Equal(["1", "2"], after.Told.Select(told => told.Reference!.Value.Element().GetProperty("ts").GetString()));
    }

    [Fact]
    public async Task A_message_to_a_channel_nobody_serves_is_left_to_those_who_might_know_it_for_a_while()
    {
        await Ask(new Reach(["ops", "typo"]));
        var soon = Nine + Outbox.Unserved - TimeSpan.FromMilliseconds(1);
        Assert.Null(await _outbox.ClaimUnserved(["ops"], soon));
        Assert.Equal("typo", (await _outbox.ClaimUnserved(["ops"], Nine + Outbox.Unserved))!.Channel);
        Assert.Null(await _outbox.ClaimUnserved(["ops"], Nine + Outbox.Unserved));
    }

    [Fact]
    public async Task A_fork_that_waits_tells_people_of_its_own_request()
    {
        var log = await Ask(new Reach(["ops"]));
        var copy = ThreadLog.Of(ThreadId.New(Ten), log.Events);
        await _store.Copy(copy.With([new ThreadForked(Ten, log.Thread.Id, 3, "mia", "cli")]), takeLease: false);
        Assert.Equal(["3 ops request open 09:00", "3 ops request open 09:00"], Rows());
    }

    [Fact]
    public async Task Only_a_channel_that_was_told_is_known_to_have_been()
    {
        var log = await Ask(new Reach(["ops", "mail"]));
        await _outbox.Claim("ops", Nine);
        Assert.Equal((true, false, false, false), (
            _outbox.WasTold(log.Thread.Id, new(3), "ops"), _outbox.WasTold(log.Thread.Id, new(3), "mail"),
            _outbox.WasTold(log.Thread.Id, new(4), "ops"), _outbox.WasTold(ThreadId.New(Ten), new(3), "ops")));
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    public async Task What_came_in_once_is_known_for_a_day()
    {
        Assert.True(await _outbox.Remember("hook", "msg_1", Nine));
        Assert.False(await _outbox.Remember("hook", "msg_1", Nine.AddHours(23)));
        Assert.Equal((true, false), (_outbox.IsKnown("hook", "msg_1"), _outbox.IsKnown("other", "msg_1")));
        Assert.True(await _outbox.Remember("hook", "msg_1", Nine.AddHours(25)));
    }

    [Theory]
    [InlineData("channel, kind, state, due_at) VALUES ($1, 3, 'ops', 'request', 'open', NULL)")]
    [InlineData("channel, kind, state, due_at) VALUES ($1, 3, 'Ops', 'request', 'open', 1)")]
    [InlineData("channel, kind, state, due_at) VALUES ($1, 3, 'ops', 'shout', 'open', 1)")]
    [InlineData("channel, kind, state, due_at) VALUES ($1, 3, 'ops', 'request', 'delivered', NULL)")]
    [InlineData("channel, kind, state, due_at, error) VALUES ($1, 3, 'ops', 'request', 'open', 1, 'failed before it was tried')")]
    [InlineData("channel, kind, state, due_at, reference) VALUES ($1, 3, 'ops', 'request', 'open', 1, '{}')")]
    public async Task A_row_that_makes_no_sense_cannot_be_written(string columns)
    {
        var log = await Ask(null);
        var refused = Assert.Throws<SqliteException>(() => _files.Execute("INSERT INTO deliveries (thread_id, request, " + columns.Replace("$1", $"'{log.Thread.Id}'", StringComparison.Ordinal)));
        Assert.Equal(19, refused.SqliteErrorCode);
    }

    [Fact]
    public void What_is_due_is_found_by_its_index()
    {
        using var connection = _files.Open().Connect();
        var plan = connection.Query<(int, int, int, string)>("EXPLAIN QUERY PLAN SELECT min(due_at) FROM deliveries WHERE channel = 'ops' AND state = 'open'");
        Assert.Contains("USING COVERING INDEX deliveries_due", plan.Single().Item4, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();

    private static RequestOpened Approval(Reach? reach, DateTimeOffset? at = null) =>
        new(at ?? Nine, RequestKind.Approval, "Push tag v1.4.0?", Action: TagPush, Reach: reach);

    private Task<ThreadLog> Ask(Reach? reach) => TemporaryDatabase.Begin(_store, [Happened.Started, Chose(), Approval(reach)]);

    private string[] Rows()
    {
        using var connection = _files.Open().Connect();
        using var rows = new SqliteCommand("""
            SELECT concat_ws(' ', request, channel, kind, state, strftime('%H:%M', due_at / 1000, 'unixepoch'), reference, error)
            FROM deliveries ORDER BY thread_id, channel, kind
            """, connection).ExecuteReader();
        var found = new List<string>();
        while (rows.Read())
        {
            found.Add(rows.GetString(0));
        }

        return [.. found];
    }
}
