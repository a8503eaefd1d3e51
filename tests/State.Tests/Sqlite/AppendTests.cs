using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class AppendTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();

    public static TheoryData<string> Logs => [.. Happened.Logs.Keys.Where(name => name != "NotStarted")];

    [Theory]
    [MemberData(nameof(Logs))]
    [Trait("Accepts", "F5.2")]
    public async Task What_is_stored_is_what_is_loaded(string name)
    {
        var events = Happened.Logs[name];
        var written = await TemporaryDatabase.Begin(_files.Store(), events);
        var read = _files.Store().Read(written.Thread.Id);
        Assert.Equal(events, read.Events);
        Assert.Equal(events, written.Events);
        Assert.Equal((written.Thread.State, written.Thread.Version, written.Thread.UpdatedAt), (read.Thread.State, read.Thread.Version, read.Thread.UpdatedAt));
    }

    [Fact]
    [Trait("Accepts", "F6.2")]
    public void A_thread_that_is_not_there_is_refused_with_what_to_call() =>
        Assert.Equal("There is no thread thr_019ca8b9b6007000800000000000000a. Call list_threads to see which there are.",
            Assert.Throws<RefusedException>(() => _files.Store().Read(Spec.Id)).Message);

    [Fact]
    [Trait("Accepts", "F6.7")]
    public async Task Of_two_appends_to_one_version_the_second_is_told_and_nothing_of_it_stays()
    {
        var (first, second) = (_files.Store(), _files.Store());
        var log = await TemporaryDatabase.Begin(first);
        await first.Append(log, [Chose("first")]);
        await Assert.ThrowsAsync<ConflictException>(() => second.Append(log, [Chose("second"), Began()]));
        Assert.Equal([TemporaryDatabase.Started(), Chose("first")], second.Read(log.Thread.Id).Events);
    }

    [Fact]
    [Trait("Accepts", "F6.7")]
    public async Task Of_fifty_answers_at_once_exactly_one_wins()
    {
        ThreadStore[] stores = [_files.Store(), _files.Store()];
        var log = await TemporaryDatabase.Begin(stores[0], Happened.Logs["Waiting"]);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            try
            {
                await stores[i % 2].Append(log, [Answered(3, approved: i % 3 == 0)]);
                return "won";
            }
            catch (ConflictException)
            {
                return "lost";
            }
        })));
        Assert.Equal((1, 49, 4), (outcomes.Count(o => o == "won"), outcomes.Count(o => o == "lost"), stores[0].Read(log.Thread.Id).Events.Count));
    }

    [Fact]
    public async Task A_thread_cannot_be_started_twice_under_one_id()
    {
        var store = _files.Store();
        var log = await TemporaryDatabase.Begin(store);
        await Assert.ThrowsAsync<ConflictException>(() => store.Start(log.Thread.Id, TemporaryDatabase.Started("other"), null, takeLease: false));
        Assert.Equal("deploybot", store.Read(log.Thread.Id).Thread.Start.Agent);
    }

    [Theory]
    [InlineData("UPDATE events SET data = '{}'", "events are never changed")]
    [InlineData("DELETE FROM events", "events are never deleted")]
    [InlineData("INSERT INTO events (thread_id, version, data) VALUES ('thr_019ca8b9b6007000800000000000000a', 1, 'not JSON')", "malformed JSON")]
    [InlineData("INSERT INTO events (thread_id, version, data) VALUES ('17', 1, '{\"type\":\"x\"}')", "CHECK constraint failed: length(thread_id) = 36 AND thread_id GLOB 'thr_*'")]
    [InlineData("INSERT INTO events (thread_id, version, data) VALUES ('thr_019ca8b9b6007000800000000000000a', 1, '{}')", "NOT NULL constraint failed: events.type")]
    [InlineData("UPDATE threads SET status = 'paused'", "CHECK constraint failed: status IN ('running', 'pending', 'completed', 'failed', 'cancelled')")]
    [InlineData("UPDATE threads SET status = 'pending'", "CHECK constraint failed: (status = 'pending') = (kind IS NOT NULL)")]
    [Trait("Accepts", "F5.2 F12.3")]
    public async Task The_schema_refuses_what_makes_no_sense(string sql, string reason)
    {
        await TemporaryDatabase.Begin(_files.Store());
        Assert.EndsWith($": '{reason}'.", Assert.Throws<SqliteException>(() => _files.Execute(sql)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_type_of_an_event_is_read_from_its_JSON()
    {
        await TemporaryDatabase.Begin(_files.Store(), Happened.Logs["Chosen"]);
        Assert.Equal("thread_started,step_chosen", _files.Scalar<string>("SELECT group_concat(type) FROM (SELECT type FROM events ORDER BY version)"));
    }

    [Fact]
    public async Task Whoever_waits_is_told_once_the_append_is_stored()
    {
        var store = _files.Store();
        var told = new List<string>();
        store.Appended += (id, version) => told.Add($"{version} of {store.Read(id).Events.Count}");
        await TemporaryDatabase.Begin(store, Happened.Logs["Acting"]);
        Assert.Equal(["1 of 1", "3 of 3"], told);
    }

    [Fact]
    [Trait("Accepts", "F5.3")]
    public async Task A_fork_is_stored_whole_under_its_own_id()
    {
        var store = _files.Store();
        var original = await TemporaryDatabase.Begin(store, Happened.Logs["Waiting"]);
        var fork = ThreadLog.Of(ThreadId.New(Ten), original.At(3).Events).With([new ThreadForked(Ten, original.Thread.Id, 3, "mia", "stdio")]);
        await store.Copy(fork, takeLease: false);
        Assert.Equal(fork.Events, store.Read(fork.Thread.Id).Events);
        Assert.Equal(Happened.Logs["Waiting"], store.Read(original.Thread.Id).Events);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task A_full_log_takes_nothing_but_its_end()
    {
        var store = _files.Store();
        var refusal = new AnswerRefused(Nine, new(3), "model", "mcp", "only a person may answer this");
        var log = ThreadLog.Of(ThreadId.New(Nine), [.. Happened.Logs["Waiting"], .. Enumerable.Repeat(refusal, LogBounds.MostEvents - 3)]);
        await store.Copy(log, takeLease: false);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => store.Append(log, [refusal]));
        Assert.Equal((RefusalCode.TooLarge, "The thread has reached 100000 events. Start a new one. (Setting max_thread_events)"), (refused.Code, refused.Message));
        Assert.Equal(ThreadStatus.Cancelled, (await store.Append(log, [Stopped])).Log.Thread.Status);
    }

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(10)]
    [InlineData(300)]
    public async Task A_full_log_takes_the_end_of_a_wait_also_where_the_bound_was_lowered_since(int events)
    {
        var store = _files.Store();
        using var bounded = new ThreadStore(_files.Open(), store.Owner) { Bounds = new(10) };
        foreach (var (asked, end) in new (ThreadEvent, ThreadEvent)[]
        {
            (Asked(), Answered(4, response: "\"this\"")),
            (Asked(due: Ten), new RequestExpired(Ten, new(4))),
            (Asked(RequestKind.Sleep, due: Ten), new SleepEnded(Ten, new(4))),
            (PassedOn(), new RequestWithdrawn(Ten, new(4), "it was settled there")),
        })
        {
            var refusal = new AnswerRefused(Nine, new(4), "model", "mcp", "only a person may answer this");
            var log = ThreadLog.Of(ThreadId.New(Nine), [Happened.Started, Chose(), Began(), asked, .. Enumerable.Repeat(refusal, events - 4)]);
            await store.Copy(log, takeLease: false);
            await Assert.ThrowsAsync<RefusedException>(() => bounded.Append(log, [refusal]));
            Assert.Equal(events + 1, (await bounded.Append(log, [end])).Log.Thread.Version);
        }
    }

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(3)]
    [InlineData(2)]
    public async Task A_full_log_takes_what_a_call_came_to_and_nothing_after_it(int events)
    {
        var store = _files.Store();
        using var bounded = new ThreadStore(_files.Open(), store.Owner) { Bounds = new(events) };
        foreach (var end in new[] { Returned(), ToolBroke(), Asked(RequestKind.InDoubt) })
        {
            var log = await TemporaryDatabase.Begin(store, Happened.Logs["Acting"]);
            if (end is not RequestOpened)
            {
                await Assert.ThrowsAsync<RefusedException>(() => bounded.Append(log, [end, Chose()]));
            }

            var (full, _) = await bounded.Append(log, [end]);
            Assert.Equal([.. Happened.Logs["Acting"], end], bounded.Read(log.Thread.Id).Events);
            await Assert.ThrowsAsync<RefusedException>(() => bounded.Append(full, [end is RequestOpened ? new AnswerRefused(Nine, new(4), "model", "mcp", "no") : Chose()]));
        }
    }

    public void Dispose() => _files.Dispose();
}
