using System.Buffers.Binary;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class GroupCommitTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;

    public GroupCommitTests()
    {
        _store = _files.Store();
        // Whoever closes the last connection clears the write-ahead log away, in which commits are counted here.
        _files.Keep(_files.Open().Connect());
    }

    [Fact]
    public async Task A_lone_append_is_stored_once_it_is_done()
    {
        await _store.Start(ThreadId.New(Nine), TemporaryDatabase.Started(), null, takeLease: true);
        Assert.Equal(1, _files.Scalar<int>("SELECT count(*) FROM events"));
    }

    [Fact]
    public async Task Appends_that_arrive_while_another_commits_share_one_transaction()
    {
        var before = Commits();
        var tasks = await WhileBusy(() => Enumerable.Range(0, 50)
            .Select(i => _store.Start(ThreadId.New(Nine.AddSeconds(i)), TemporaryDatabase.Started(), null, takeLease: false)).ToList());
        await Task.WhenAll(tasks);
        Assert.Equal((1, 50), (Commits() - before, _files.Scalar<int>("SELECT count(*) FROM events")));
    }

    [Fact]
    public async Task A_group_has_a_limit_and_nobody_is_left_behind()
    {
        var before = Commits();
        var tasks = await WhileBusy(() => Enumerable.Range(0, 600)
            .Select(i => _store.SaveDefinition($"sha256:{i}", AgentMcp.State.Json.JsonText.Null)).ToList());
        await Task.WhenAll(tasks);
        Assert.Equal((3, 600), (Commits() - before, _files.Scalar<int>("SELECT count(*) FROM definitions")));
    }

    [Fact]
    [Trait("Accepts", "F6.7")]
    public async Task A_conflict_in_a_group_fails_its_own_caller_alone()
    {
        var (contested, other) = (await TemporaryDatabase.Begin(_store), await TemporaryDatabase.Begin(_store));
        var tasks = await WhileBusy(() => new List<Task>
        {
            _store.Append(contested, [Chose("first")]),
            _store.Append(contested, [Chose("second")]),
            _store.Append(other, [Chose("third")]),
        });
        Assert.Equal("True False True", string.Join(" ", await Task.WhenAll(tasks.Select(Succeeds))));
        Assert.IsType<ConflictException>(tasks[1].Exception!.InnerException);
        Assert.Equal(["first", "third"], new[] { contested, other }.Select(log => ((StepChosen)_store.Read(log.Thread.Id).Events[1]).Intent));
    }

    [Fact]
    public async Task What_a_write_throws_undoes_that_write_and_reaches_its_caller_as_it_was()
    {
        var thrown = new InvalidOperationException("no");
        var task = _store.Commits.Run<bool>(session =>
        {
            session.Execute("INSERT INTO definitions (hash, data) VALUES ('sha256:1', '1')");
            throw thrown;
        });
        Assert.Same(thrown, await Record.ExceptionAsync(() => task));
        Assert.Equal(0, _files.Scalar<int>("SELECT count(*) FROM definitions"));
    }

    [Fact]
    [Trait("Accepts", "F6.7")]
    public async Task A_write_in_a_group_that_throws_when_it_is_half_done_undoes_itself_alone()
    {
        var before = Commits();
        var thrown = new InvalidOperationException("no");
        var tasks = await WhileBusy(() => new List<Task>
        {
            _store.SaveDefinition("sha256:first", AgentMcp.State.Json.JsonText.Null),
            _store.Commits.Run<bool>(session =>
            {
                session.Execute("INSERT INTO definitions (hash, data) VALUES ('sha256:half', '1')");
                throw thrown;
            }),
            _store.SaveDefinition("sha256:last", AgentMcp.State.Json.JsonText.Null),
        });
        Assert.Equal("True False True", string.Join(" ", await Task.WhenAll(tasks.Select(Succeeds))));
        Assert.Same(thrown, tasks[1].Exception!.InnerException);
        Assert.Equal("sha256:first sha256:last", _files.Scalar<string>("SELECT group_concat(hash, ' ' ORDER BY hash) FROM definitions"));
        Assert.Equal(2, Commits() - before);
    }

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task A_commit_that_fails_fails_everyone_in_it_and_shows_nothing_and_locks_nobody_out()
    {
        var log = await TemporaryDatabase.Begin(_store);
        var tasks = await WhileBusy(() => new List<Task>
        {
            _store.Append(log, [Chose("before")]),
            // Checked at the commit only: a lease of a thread that does not exist.
            _store.Commits.Run(session => session.Execute("PRAGMA defer_foreign_keys = ON") + session.Execute("INSERT INTO leases (thread_id, owner) VALUES ('thr_nowhere', 'x')")),
            _store.SaveDefinition("sha256:after", AgentMcp.State.Json.JsonText.Null),
        });
        Assert.Equal("False False False", string.Join(" ", await Task.WhenAll(tasks.Select(Succeeds))));
        Assert.All(tasks, task => Assert.Equal($"{_files.File}: SQLite Error 19: 'FOREIGN KEY constraint failed'.", Assert.IsType<DatabaseException>(task.Exception!.InnerException).Message));
        Assert.Equal((1, 0), (_store.Read(log.Thread.Id).Events.Count, _files.Scalar<int>("SELECT count(*) FROM definitions")));

        Assert.Equal(2, (await _store.Append(log, [Chose("again")])).Log.Thread.Version);
        Assert.Equal(2, (await TemporaryDatabase.Begin(_files.Store(), Logs["Chosen"])).Thread.Version);
    }

    [Theory]
    [Trait("Accepts", "R.6")]
    [InlineData(SQLitePCL.raw.SQLITE_IOERR, false)]
    [InlineData(SQLitePCL.raw.SQLITE_FULL, true)]
    [InlineData(SQLitePCL.raw.SQLITE_CORRUPT, false)]
    [InlineData(SQLitePCL.raw.SQLITE_INTERRUPT, true)]
    public async Task A_place_of_the_disk_that_fails_fails_the_write_that_needs_it_alone(int code, bool ended)
    {
        var tasks = await WhileBusy(() => new List<Task>
        {
            _store.SaveDefinition("sha256:first", AgentMcp.State.Json.JsonText.Null),
            _store.Commits.Run<bool>(session =>
            {
                session.Execute("INSERT INTO definitions (hash, data) VALUES ('sha256:half', '1')");
                _ = ended ? session.Execute("ROLLBACK") : 0;
                throw new Microsoft.Data.Sqlite.SqliteException("no", code);
            }),
            _store.SaveDefinition("sha256:last", AgentMcp.State.Json.JsonText.Null),
        });
        Assert.Equal("True False True", string.Join(" ", await Task.WhenAll(tasks.Select(Succeeds))));
        Assert.IsType<DatabaseException>(tasks[1].Exception!.InnerException);
        Assert.Equal("sha256:first sha256:last", _files.Scalar<string>("SELECT group_concat(hash, ' ' ORDER BY hash) FROM definitions"));
    }

    [Fact]
    public async Task Many_at_once_are_all_stored_and_none_waits_for_ever()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await TemporaryDatabase.Begin(_store, Logs["Chosen"]);
            }
        })));
        Assert.Equal((1600, 800), (_files.Scalar<int>("SELECT count(*) FROM events"), _files.Scalar<int>("SELECT count(*) FROM threads WHERE version = 2")));
    }

    [Fact]
    public async Task A_closed_store_refuses_what_comes_late()
    {
        var log = await TemporaryDatabase.Begin(_store);
        _store.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _store.Append(log, [Chose()]));
    }

    public void Dispose() => _files.Dispose();

    /// <summary>Holds a commit open, so that whatever <paramref name="arrive"/> appends has to queue behind it.</summary>
    private async Task<List<T>> WhileBusy<T>(Func<List<T>> arrive)
        where T : Task
    {
        using var busy = new SemaphoreSlim(0);
        using var finish = new SemaphoreSlim(0);
        var leader = Task.Run(() => _store.Commits.Run(_ =>
        {
            busy.Release();
            finish.Wait();
            return true;
        }));
        await busy.WaitAsync(TestContext.Current.CancellationToken);
        var arrived = arrive();
        Assert.DoesNotContain(arrived, task => task.IsCompleted);
        finish.Release();
        await leader;
        return arrived;
    }

    private static async Task<bool> Succeeds(Task task) => await Record.ExceptionAsync(() => task) is null;

    /// <summary>A commit ends with the one frame of the write-ahead log that states the size of the database.</summary>
    private int Commits()
    {
        const int Header = 32, FrameHeader = 24, Page = 4096;
        using var file = new FileStream(_files.File + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var log = new byte[file.Length];
        file.ReadExactly(log);
        return Enumerable.Range(0, (log.Length - Header) / (FrameHeader + Page))
            .Count(frame => BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(Header + (frame * (FrameHeader + Page)) + 4)) != 0);
    }
}
