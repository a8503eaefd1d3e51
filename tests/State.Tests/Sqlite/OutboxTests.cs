using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed partial class OutboxTests : IDisposable
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
