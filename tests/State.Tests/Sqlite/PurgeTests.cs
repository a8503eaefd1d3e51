using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using Microsoft.Data.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class PurgeTests : IDisposable
{
    private static readonly DateTimeOffset Later = Nine.AddDays(100);
    private static readonly DateTimeOffset LongAgo = Later.AddDays(-90);
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly Purges _purges;

    public PurgeTests() => (_store, _purges) = (_files.Store(), new(_files.Open()));

    [Fact]
    public async Task What_ended_long_ago_goes_and_the_record_of_it_stays()
    {
        var gone = await TemporaryDatabase.Begin(_store, Logs["Completed"]);
        var kept = await TemporaryDatabase.Begin(_store, TemporaryDatabase.Started(at: LongAgo));
        await _store.Append(kept, [new ThreadCancelled(LongAgo, "mia", "stdio")]);

        Assert.Equal([new PurgedThread(gone.Thread.Id.Value, "deploybot", 3)], _purges.Preview(LongAgo));
        Assert.Equal(new PurgeRecord(1, Later, "mia", LongAgo, 1, 3), _purges.Run(LongAgo, "mia", Later));
        Assert.Equal("thread_not_found", WireName.Of(Assert.Throws<RefusedException>(() => _store.Read(gone.Thread.Id)).Code));
        Assert.Equal(2, _store.Read(kept.Thread.Id).Thread.Version);
        Assert.Empty(_purges.Preview(LongAgo));
        Assert.Null(_purges.Run(LongAgo, "mia", Later));
        Assert.Equal([new PurgeRecord(1, Later, "mia", LongAgo, 1, 3)], _purges.All());
        Assert.Equal($"{gone.Thread.Id} 1 deploybot 3", _files.Scalar<string>("SELECT thread_id || ' ' || purge || ' ' || agent || ' ' || events FROM purged"));
    }

    [Theory]
    [MemberData(nameof(StatesThatHaveNotEnded))]
    public async Task What_runs_or_waits_is_never_purged(string state)
    {
        var log = await TemporaryDatabase.Begin(_store, Logs[state]);
        Assert.Null(_purges.Run(Later, "mia", Later));
        Assert.Equal(log.Events, _store.Read(log.Thread.Id).Events);
    }

    public static TheoryData<string> StatesThatHaveNotEnded =>
        [.. Logs.Where(log => log.Value.Length > 0 && !AgentThread.Fold(Spec.Id, log.Value).IsFinal).Select(log => log.Key)];

    [Fact]
    public async Task A_tree_goes_as_a_whole_or_not_at_all()
    {
        var root = await TemporaryDatabase.Begin(_store, Logs["Completed"]);
        var child = await TemporaryDatabase.Begin(_store, ChildOf(root.Thread.Id, root.Thread.Id));
        var grandchild = await TemporaryDatabase.Begin(_store, ChildOf(child.Thread.Id, root.Thread.Id));
        (child, _) = await _store.Append(child, [Stopped]);
        Assert.Null(_purges.Run(LongAgo, "mia", Later));
        await _store.Append(grandchild, [Broke]);
        Assert.Equal(3, _purges.Run(LongAgo, "mia", Later)?.Threads);
        Assert.Equal(0, _files.Scalar<int>("SELECT count(*) FROM events"));
    }

    [Fact]
    public async Task What_still_has_to_be_told_or_ended_elsewhere_is_kept()
    {
        var asked = await TemporaryDatabase.Begin(_store, [TemporaryDatabase.Started(), Chose(), (RequestOpened)AskedApproval() with { Reach = new(["slack"]) }]);
        await new Outbox(_files.Open(), _store).Delivered((await new Outbox(_files.Open(), _store).Claim("slack", Nine))!, null, Nine);
        await _store.Append(asked, [Stopped]);
        var abroad = await TemporaryDatabase.Begin(_store, [TemporaryDatabase.Started(), Chose(), Began()]);
        await _store.Relays.Begin(abroad.Thread.Id, new(2), Nine);
        await _store.Append(abroad, [Stopped]);
        Assert.Null(_purges.Run(Later, "mia", Later));

        await new Outbox(_files.Open(), _store).Delivered((await new Outbox(_files.Open(), _store).Claim("slack", Later))!, null, Later);
        await _store.Relays.End(abroad.Thread.Id, new(2));
        Assert.Equal(2, _purges.Run(Later, "mia", Later)?.Threads);
    }

    [Fact]
    public async Task What_was_only_counted_and_never_over_keeps_nothing()
    {
        var log = await TemporaryDatabase.Begin(_store, [TemporaryDatabase.Started(), Chose()]);
        await _store.Relays.Count(log.Thread.Id, new(2));
        await _store.Relays.Count(log.Thread.Id, new(3));
        await _store.Append(log, [Stopped]);

        Assert.DoesNotContain(new Verification(_files.Open()).Run().Flaws, flaw => flaw.What.Contains("call_", StringComparison.Ordinal));
        Assert.Equal(1, _purges.Run(Later, "mia", Later)?.Threads);
        Assert.Equal(0, Rows("relays"));
    }

    [Fact]
    public async Task No_row_of_it_is_left_in_any_table()
    {
        var arrivals = new Arrivals(_files.Open(), _store);
        var schedules = new Schedules(_files.Open(), _store);
        await arrivals.Take("ci", "delivery-1", "talk", JsonText.Of("hello"), Nine);
        await schedules.Plan("deploybot", "0 9 * * *", Nine);
        var arrival = (await arrivals.Claim("ci", Nine))!;
        var ids = new[] { ThreadId.New(Nine), ThreadId.New(Nine) };
        var place = new Place("ci", "talk", "slack", JsonText.Of("C1"));
        await _store.Start(ThreadLog.Of(ids[0], Logs["Completed"]), "key", takeLease: true, new Arrived(arrival, place));
        await _store.Start(ThreadLog.Of(ids[1], Logs["Failed"]), null, takeLease: true, new Fired(schedules.All()[0], Later));
        var outbox = new Outbox(_files.Open(), _store);
        await outbox.Delivered((await outbox.Claim("slack", Nine))!, JsonText.Of("m1"), Nine);
        Assert.All(TablesOfThreads(), table => Assert.True(table is "relays" or "purged" || Rows(table) > 0, table));

        Assert.Equal(2, _purges.Run(LongAgo, "mia", Later)?.Threads);

        Assert.Equal(["purged"], TablesOfThreads().Where(table => Rows(table) > 0));
        Assert.Equal(0, _files.Scalar<int>("SELECT count(*) FROM pragma_foreign_key_check"));
        Assert.Equal("ok", _files.Scalar<string>("PRAGMA integrity_check"));
        Assert.False(await arrivals.Take("ci", "delivery-1", "talk", JsonText.Of("hello"), Nine));
        Assert.Equal(new Planned("deploybot", "0 9 * * *", Later), schedules.All()[0]);
        Assert.True((await _store.Start(ThreadId.New(Later), TemporaryDatabase.Started(at: Later), "key", takeLease: false)).IsNew);
    }

    [Fact]
    public async Task What_it_deleted_is_in_no_file_though_others_have_it_open()
    {
        await TemporaryDatabase.Begin(_store, [TemporaryDatabase.Started(input: "\"nightingale\""), Broke]);
        _files.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        await TemporaryDatabase.Begin(_store, [TemporaryDatabase.Started(input: "\"nightingale\""), Broke]);
        Assert.Equal((true, true), (Has(_files.File), Has(_files.File + "-wal")));

        Assert.Equal(2, _purges.Run(LongAgo, "mia", Later)?.Threads);

        Assert.Equal((false, false), (Has(_files.File), Has(_files.File + "-wal")));

        static bool Has(string path)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new BinaryReader(file);
            return reader.ReadBytes((int)file.Length).AsSpan().IndexOf("nightingale"u8) >= 0;
        }
    }

    [Fact]
    public async Task That_a_reader_keeps_what_it_deleted_is_told()
    {
        await TemporaryDatabase.Begin(_store, Logs["Completed"]);
        using var database = Database.Open(_files.File, TimeSpan.FromSeconds(1));
        using var reader = _files.Open().Connect();
        reader.Execute("BEGIN; SELECT count(*) FROM threads");
        var held = 0;

        Assert.NotNull(new Purges(database).Run(LongAgo, "mia", Later, () => held++));
        Assert.Null(new Purges(database).Run(LongAgo, "mia", Later, () => held++));
        reader.Execute("COMMIT");
        Assert.Null(new Purges(database).Run(LongAgo, "mia", Later, () => held++));

        Assert.Equal(2, held);
    }

    [Fact]
    public async Task Nothing_else_deletes_an_event_or_touches_the_record()
    {
        var kept = await TemporaryDatabase.Begin(_store, Logs["Waiting"]);
        await TemporaryDatabase.Begin(_store, Logs["Completed"]);
        _purges.Run(LongAgo, "mia", Later);

        Assert.Equal(
            [
                "events are never deleted", "events are never changed", "only what has ended is purged", "only what has ended is purged",
                "the record of a purge is never changed", "the record of a purge is never deleted", "the record of a purge is never changed", "the record of a purge is never deleted",
            ],
            new[]
            {
                "DELETE FROM events", "UPDATE events SET version = 9",
                $"INSERT INTO purged VALUES ('{kept.Thread.Id}', 1, 'deploybot', 3)", $"INSERT INTO purged VALUES ('{Spec.Id}', 1, 'deploybot', 3)",
                "UPDATE purged SET agent = 'x'", "DELETE FROM purged", "UPDATE purges SET by = 'x'", "PRAGMA foreign_keys = OFF; DELETE FROM purges",
            }.Select(sql => Assert.Throws<SqliteException>(() => _files.Execute(sql)).Message.Split('\'')[1]));
        Assert.Equal(kept.Events, _store.Read(kept.Thread.Id).Events);
    }

    [Fact]
    public async Task Who_speaks_to_a_thread_that_was_just_purged_is_told_that_it_moved_and_then_that_it_is_gone()
    {
        var log = await TemporaryDatabase.Begin(_store, Logs["Completed"]);
        _purges.Run(LongAgo, "mia", Later);
        await Assert.ThrowsAsync<ConflictException>(() => _store.Append(log, [new MessageReceived(Later, JsonText.Of("again"), "mia", "stdio")], LeaseUse.Take));
        Assert.Throws<RefusedException>(() => _store.Read(log.Thread.Id));
        Assert.Equal(0, _files.Scalar<int>("SELECT count(*) FROM events"));
    }

    [Fact]
    public void Only_what_began_before_that_moment_is_looked_at()
    {
        using var connection = _files.Open().Connect();
        var plan = connection.Query("EXPLAIN QUERY PLAN " + Purges.RootsSql.Replace("$1", "1", StringComparison.Ordinal).Replace("$2", "'thr_'", StringComparison.Ordinal));
        Assert.Equal(["SEARCH threads USING PRIMARY KEY (thread_id<?)"], plan.Select(row => (string)row.detail));
    }

    public void Dispose() => _files.Dispose();

    private static ThreadStarted ChildOf(ThreadId parent, ThreadId root) => TemporaryDatabase.Started() with { Parent = parent, ParentCall = new(2), Root = root, Depth = 1 };

    // Asked of the database itself, so that a table of tomorrow is not forgotten.
    private List<string> TablesOfThreads() => _files.Scalar<string>(
        "SELECT group_concat(s.name) FROM sqlite_schema s WHERE s.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(s.name) WHERE name = 'thread_id')")!.Split(',').ToList();

    private int Rows(string table) => _files.Scalar<int>($"SELECT count(thread_id) FROM {table}");
}
