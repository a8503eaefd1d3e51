using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class BackupTests : IDisposable
{
    private const int Writers = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDatabase _files = new();
    private readonly string _backup;
    private readonly string _other;

    public BackupTests() => (_backup, _other) = (Path.Combine(_files.Folder, "backup.db"), Path.Combine(_files.Folder, "elsewhere", "threads.db"));

    [Fact]
    public async Task A_backup_made_while_others_write_holds_whole_commits_and_nothing_half()
    {
        var store = _files.Store();
        using var stop = new CancellationTokenSource();
        using var written = new SemaphoreSlim(0);
        var writers = Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await TemporaryDatabase.Begin(store, Logs["Completed"]);
                written.Release();
            }
        })).ToList();
        List<BackupContent> backups = [];
        for (var i = 0; i < 3; i++)
        {
            await Another(written);
            backups.Add(Backup.Make(_files.Open(), _backup + i));
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.All(backups.Prepend(new(0, 0, 0)).Zip(backups), pair => Assert.True(pair.First.Threads < pair.Second.Threads, $"{pair.First}, then {pair.Second}"));
        for (var i = 0; i < 3; i++)
        {
            using var copy = Database.OpenAsItIs(_backup + i);
            var verified = new Verification(copy).Run();
            Assert.Equal((backups[i].Threads, backups[i].Events), (verified.Threads, verified.Events));
            Assert.DoesNotContain(verified.Flaws, flaw => !flaw.What.StartsWith("The definition it runs under", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_was_backed_up_is_restored_and_goes_on()
    {
        var store = _files.Store();
        var asked = await TemporaryDatabase.Begin(store, Logs["Waiting"]);
        var (running, held) = (await TemporaryDatabase.Begin(store), await store.Append(asked, [], LeaseUse.Take, now: Nine));
        Assert.NotNull(held.Lease);
        var content = Backup.Make(_files.Open(), _backup);
        await store.Append(running, [Chose()]);

        Assert.Equal(content, Backup.Restore(_backup, _other));

        using var database = Database.Open(_other);
        using var owner = new Owner(database);
        using var restored = new ThreadStore(database, owner);
        Assert.Equal((asked.Events.Count, 1), (restored.Read(asked.Thread.Id).Events.Count, restored.Read(running.Thread.Id).Events.Count));
        Assert.NotNull((await restored.Append(restored.Read(asked.Thread.Id), [], LeaseUse.Take, now: Nine)).Lease);
        await restored.Append(restored.Read(running.Thread.Id), [Chose()]);
    }

    [Fact]
    public void Only_its_owner_may_read_a_backup()
    {
        Backup.Make(_files.Open(), _backup);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? Skipped() : File.GetUnixFileMode(_backup));

        static UnixFileMode Skipped() => throw Xunit.Sdk.SkipException.ForSkip("Windows has no such modes.");
    }

    [Fact]
    public void Nothing_that_is_there_is_written_over()
    {
        _files.Store();
        File.WriteAllText(_backup, "precious");
        Assert.Equal($"{_backup} is there already and was left as it is. Give the backup another name.",
            Assert.Throws<DatabaseException>(() => Backup.Make(_files.Open(), _backup)).Message);
        Assert.Equal($"{_files.File} is there already and was left as it is. Stop all servers that use it and move it away, or name another file with --db.",
            Assert.Throws<DatabaseException>(() => Backup.Restore(_backup, _files.File)).Message);
        Assert.Equal("precious", File.ReadAllText(_backup));
    }

    [Fact]
    public void A_database_that_is_still_used_is_not_replaced_even_when_its_file_is_gone()
    {
        var owner = _files.Keep(new Owner(_files.Open()));
        Backup.Make(_files.Open(), _backup);
        File.Move(_files.File, _files.File + ".away");
        File.WriteAllText(_files.File + "-wal", "left");
        Assert.Equal($"{_files.File}-wal is left of another database. Move it away together with the database it belongs to.",
            Assert.Throws<DatabaseException>(() => Backup.Restore(_backup, _files.File)).Message);
        File.Delete(_files.File + "-wal");
        Assert.Equal($"1 process still uses the database that was at {_files.File}. Stop it and repeat the command.",
            Assert.Throws<DatabaseException>(() => Backup.Restore(_backup, _files.File)).Message);
        owner.Dispose();
        Assert.Equal(0, Backup.Restore(_backup, _files.File).Threads);
    }

    [Fact]
    public void What_is_no_backup_is_refused_and_leaves_nothing_behind()
    {
        File.WriteAllText(_backup, new string('x', 8192));
        Assert.Equal($"{_backup} is not a usable SQLite database (SQLite Error 26: 'file is not a database'.). Restore it from a backup, or choose another file with --db.",
            Assert.Throws<DatabaseException>(() => Backup.Restore(_backup, _other)).Message);
        using (var foreign = new SqliteConnection($"Data Source={_backup}2;Pooling=False"))
        {
            foreign.Open();
            using var command = foreign.CreateCommand();
            command.CommandText = "CREATE TABLE songs (title)";
            command.ExecuteNonQuery();
        }

        Assert.Equal($"{_other} is not a database of AgentMcp: it holds no threads.", Assert.Throws<DatabaseException>(() => Backup.Restore(_backup + "2", _other)).Message);
        Assert.Equal($"There is no file {_backup}3.", Assert.Throws<DatabaseException>(() => Backup.Restore(_backup + "3", _other)).Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_other)!));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        var nowhere = Path.Combine(_files.Folder, "nowhere", "backup.db");
        Assert.StartsWith($"{nowhere} cannot be opened (", Assert.Throws<DatabaseException>(() => Backup.Make(_files.Open(), nowhere)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();

    // What each of the others had just written may have been there before.
    private static async Task Another(SemaphoreSlim written)
    {
        while (await written.WaitAsync(0, TestContext.Current.CancellationToken))
        {
        }

        for (var i = 0; i <= Writers; i++)
        {
            Assert.True(await written.WaitAsync(Patience, TestContext.Current.CancellationToken), "Nobody writes.");
        }
    }
}
