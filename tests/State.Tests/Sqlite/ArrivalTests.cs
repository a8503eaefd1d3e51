using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class ArrivalTests : IDisposable
{
    private static readonly JsonText Hello = JsonText.Parse("""{"text":"hello"}""");
    private static readonly Place Slack = new("team", "C1/17.1", "ops", JsonText.Parse("""{"channel":"C1"}"""));
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly Arrivals _arrivals;

    public ArrivalTests()
    {
        _store = _files.Store();
        _arrivals = new(_files.Open(), _store);
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    public async Task What_comes_twice_is_stored_once_and_known_for_a_week_after_it_was_dealt_with()
    {
        Assert.True(await _arrivals.Take("team", "e1", null, Hello, Nine));
        Assert.False(await _arrivals.Take("team", "e1", null, JsonText.Of("other words"), Nine.AddDays(30)));
        Assert.True(await _arrivals.Take("other", "e1", null, Hello, Nine));
        Assert.Equal((true, false), (_arrivals.IsKnown("team", "e1"), _arrivals.IsKnown("team", "e2")));
        // It still waits, however long; once it is dealt with it is forgotten after a week.
        await _arrivals.Settle((await _arrivals.Claim("team", Nine))!, null);
        Assert.False(await _arrivals.Take("team", "e1", null, Hello, Nine.AddDays(6)));
        Assert.True(await _arrivals.Take("team", "e1", null, Hello, Nine.AddDays(8)));
    }

    [Fact]
    public async Task It_is_claimed_by_one_of_two_processes_and_by_the_other_once_the_claim_has_ended()
    {
        await _arrivals.Take("team", "e1", null, Hello, Nine);
        var other = new Arrivals(_files.Open(), _files.Store());
        Assert.Equal(new Arrival("team", "e1", Hello, Nine, 1, null), await _arrivals.Claim("team", Nine));
        Assert.Null(await other.Claim("team", Nine + Arrivals.ClaimTime - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(2, (await other.Claim("team", Nine + Arrivals.ClaimTime))!.Attempt);
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public async Task Two_processes_that_both_work_on_it_start_one_thread()
    {
        await _arrivals.Take("team", "e1", null, Hello, Nine);
        var slow = (await _arrivals.Claim("team", Nine))!;
        var quick = (await _arrivals.Claim("team", Nine + Arrivals.ClaimTime))!;
        var started = await Start(new Arrived(quick, Slack));
        await Assert.ThrowsAsync<UsedUpException>(() => Start(new Arrived(slow, Slack)));
        await Assert.ThrowsAsync<UsedUpException>(() => Start(new Arrived(quick, Slack)));
        Assert.Equal(
            (1L, 1L, 1L, $"done {started.Id}"),
            (_files.Scalar<long>("SELECT count(*) FROM threads"), _files.Scalar<long>("SELECT count(*) FROM events"), _files.Scalar<long>("SELECT count(*) FROM places"),
                _files.Scalar<string>("SELECT concat_ws(' ', state, thread_id, data, error) FROM arrivals")));
    }

    [Fact]
    public async Task What_cannot_be_dealt_with_yet_is_due_again_and_what_is_refused_says_why()
    {
        await _arrivals.Take("team", "e1", null, Hello, Nine);
        await _arrivals.Postpone((await _arrivals.Claim("team", Nine))!, "it is at work", Ten);
        Assert.Null(await _arrivals.Claim("team", Nine.AddMinutes(59)));
        var again = await _arrivals.Claim("team", Ten);
        Assert.Equal((2, "it is at work"), (again!.Attempt, again.LastError));
        await _arrivals.Settle(again, "there is no such agent");
        Assert.Equal([new ArrivalRow("team", "e1", Nine, "refused", "there is no such agent", null)], _arrivals.Latest(5));
        Assert.Null(_arrivals.NextDue("team"));
    }

    [Fact]
    public async Task What_only_has_to_wait_uses_up_no_attempt_and_is_due_at_once_when_it_need_wait_no_longer()
    {
        await _arrivals.Take("team", "e1", null, Hello, Nine);
        var first = (await _arrivals.Claim("team", Nine))!;
        await _arrivals.Postpone(first, "it is at work", Ten, isAttempt: false);
        await _arrivals.Wake(first, Nine.AddMinutes(1));
        Assert.Equal(Nine.AddMinutes(1), _arrivals.NextDue("team"));
        Assert.Equal(1, (await _arrivals.Claim("team", Ten))!.Attempt);
        // It is being worked on, and not to be claimed by another meanwhile.
        await _arrivals.Wake(first, Nine);
        Assert.Equal(Ten + Arrivals.ClaimTime, _arrivals.NextDue("team"));
    }

    [Fact]
    [Trait("Accepts", "F11.3")]
    public async Task What_waits_for_long_does_not_keep_out_what_came_after_it()
    {
        await _arrivals.Take("team", "a", "C1/17.1", Hello, Nine);
        await _arrivals.Postpone((await _arrivals.Claim("team", Nine))!, "it is at work", Nine.AddSeconds(20), isAttempt: false);
        await _arrivals.Take("team", "b", "C1/18.1", Hello, Nine.AddSeconds(10));
        Assert.Equal(("b", "a"), ((await _arrivals.Claim("team", Nine.AddSeconds(30)))!.Id, (await _arrivals.Claim("team", Nine.AddSeconds(30)))!.Id));
    }

    [Fact]
    public async Task In_a_conversation_what_came_first_is_dealt_with_first_and_others_go_on_meanwhile()
    {
        await _arrivals.Take("team", "b", "C1/17.1", Hello, Nine);
        await _arrivals.Take("team", "a", "C1/17.1", Hello, Nine.AddSeconds(1));
        await _arrivals.Take("team", "c", "C1/18.1", Hello, Nine.AddSeconds(2));
        var first = (await _arrivals.Claim("team", Ten))!;
        Assert.Equal(("b", "c", null), (first.Id, (await _arrivals.Claim("team", Ten))!.Id, await _arrivals.Claim("team", Ten)));
        Assert.Equal((true, false), (_arrivals.IsExpected("team", "C1/17.1"), _arrivals.IsExpected("team", "C1/19.1")));
        await _arrivals.Settle(first, null);
        Assert.Equal("a", (await _arrivals.Claim("team", Ten))!.Id);
    }

    [Fact]
    public async Task Whoever_comes_behind_a_crowd_of_one_conversation_that_is_at_work_is_dealt_with()
    {
        for (var i = 0; i < 200; i++)
        {
            await _arrivals.Take("team", $"a{i:000}", "C1/17.1", Hello, Nine.AddSeconds(i));
        }

        await _arrivals.Take("team", "b", "C1/18.1", Hello, Nine.AddSeconds(200));
        Assert.Equal(("a000", "b", null), ((await _arrivals.Claim("team", Ten))!.Id, (await _arrivals.Claim("team", Ten))!.Id, await _arrivals.Claim("team", Ten)));
    }

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task What_a_thread_asks_and_how_it_ends_is_owed_to_where_it_came_from()
    {
        await _arrivals.Take("team", "e1", "C1/17.1", Hello, Nine);
        var started = await Start(new Arrived((await _arrivals.Claim("team", Nine))!, Slack));
        var (log, _) = await _store.Append(_store.Read(started.Id), [Chose(), AskedApproval()]);
        Assert.Equal(["3 ops reply open"], Owed());
        var outbox = new Outbox(_files.Open(), _store);
        var reply = (await outbox.Claim("ops", Nine))!;
        Assert.Equal((DeliveryKind.Reply, true, Slack), (reply.Kind, reply.IsReply, reply.Place));
        await outbox.Delivered(reply, JsonText.Parse("""{"ts":"2"}"""), Nine);
        Assert.True(outbox.WasTold(started.Id, new(3), "ops"));

        await _store.Append(log, [Answered(3, approved: false), Chose("done"), Finished]);
        Assert.Equal(["3 ops closed open", "3 ops reply delivered", "6 ops ended open"], Owed());
    }

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task A_sleep_a_step_and_an_answered_question_are_told_to_nobody_and_a_copy_replies_to_nobody()
    {
        await _arrivals.Take("team", "e1", "C1/17.1", Hello, Nine);
        var started = await Start(new Arrived((await _arrivals.Claim("team", Nine))!, Slack));
        await _store.Append(_store.Read(started.Id), [Asked(RequestKind.Sleep, due: Ten)]);
        var log = _store.Read(started.Id);
        await _store.Copy(ThreadLog.Of(ThreadId.New(Ten), [.. log.Events, new ThreadForked(Ten, started.Id, 2, "mia", "cli")]), takeLease: false);
        Assert.Empty(Owed());
    }

    [Fact]
    [Trait("Accepts", "F11.4")]
    public async Task What_a_child_asks_is_owed_to_where_its_root_came_from_and_its_end_is_not()
    {
        await _arrivals.Take("team", "e1", "C1/17.1", Hello, Nine);
        var root = await Start(new Arrived((await _arrivals.Claim("team", Nine))!, Slack));
        var child = await TemporaryDatabase.Begin(_store, TemporaryDatabase.Started() with { Parent = root.Id, ParentCall = new(2), Root = root.Id, Depth = 1 });
        await _store.Append(child, [Asked(), Answered(2, response: "\"blue\""), Chose("done"), Finished]);
        Assert.Equal([], Owed());
        var second = await TemporaryDatabase.Begin(_store, TemporaryDatabase.Started() with { Parent = root.Id, ParentCall = new(4), Root = root.Id, Depth = 1 });
        await _store.Append(second, [Asked()]);
        Assert.Equal(["2 ops reply open"], Owed());
    }

    [Fact]
    [Trait("Accepts", "F12.3")]
    public async Task A_place_that_is_learnt_later_is_a_row_of_its_own_and_enters_no_event()
    {
        await _arrivals.Take("team", "e1", "C1/17.1", Hello, Nine);
        await _arrivals.Take("team", "e2", "C1/17.1", Hello, Ten);
        var started = await Start(new Arrived((await _arrivals.Claim("team", Nine))!, Slack));
        var (log, _) = await _store.Append(_store.Read(started.Id), [Chose("done"), Finished]);
        var before = string.Join('\n', log.Events.Select(ThreadJson.Write));
        var moved = Slack with { Address = JsonText.Parse("""{"channel":"C2","secret":"PLANTED"}""") };
        await _store.Save(log.With([new MessageReceived(Ten, JsonText.Of("more"), "mia", "slack:team")]), 1, cause: new Arrived((await _arrivals.Claim("team", Ten))!, moved));

        var places = new Places(_files.Open());
        Assert.Equal((started.Id, true, false), (places.Find("team", "C1/17.1"), places.IsFrom(log.Thread, "team"), places.IsFrom(log.Thread, "other")));
        Assert.Equal(2L, _files.Scalar<long>("SELECT count(*) FROM places"));
        Assert.Equal(before, string.Join('\n', _store.Read(started.Id).Events.Take(3).Select(ThreadJson.Write)));
        Assert.Equal(0L, _files.Scalar<long>("SELECT count(*) FROM events WHERE data LIKE '%PLANTED%' OR data LIKE '%17.1%'"));
        Assert.Equal(19, Assert.Throws<SqliteException>(() => _files.Execute("UPDATE places SET channel = 'x'")).SqliteErrorCode);
    }

    [Theory]
    [InlineData("INSERT INTO arrivals (source, id, at, state, data) VALUES ('a', 'b', 1, 'open', '1')")]
    [InlineData("INSERT INTO arrivals (source, id, at, state, due_at) VALUES ('a', 'b', 1, 'open', 1)")]
    [InlineData("INSERT INTO arrivals (source, id, at, state) VALUES ('a', 'b', 1, 'refused')")]
    [InlineData("INSERT INTO arrivals (source, id, at, state) VALUES ('a', '', 1, 'done')")]
    [InlineData("INSERT INTO schedules (agent, expression, due_at, fired_for) VALUES ('a', 'b', 1, 1)")]
    public void A_row_that_makes_no_sense_cannot_be_written(string sql) =>
        Assert.Equal(19, Assert.Throws<SqliteException>(() => _files.Execute(sql)).SqliteErrorCode);

    public void Dispose() => _files.Dispose();

    private Task<Started> Start(Cause cause) =>
        _store.Start(ThreadLog.Of(ThreadId.New(Nine), [TemporaryDatabase.Started()]), null, takeLease: false, cause);

    private string[] Owed()
    {
        using var connection = _files.Open().Connect();
        using var rows = new SqliteCommand("SELECT concat_ws(' ', request, channel, kind, state) FROM deliveries WHERE state <> 'dropped' ORDER BY request, kind", connection).ExecuteReader();
        var found = new List<string>();
        while (rows.Read())
        {
            found.Add(rows.GetString(0));
        }

        return [.. found];
    }
}
