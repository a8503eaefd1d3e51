using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Tests.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Faults;

/// <summary>Real disks that are full or may only be read: a clear error, nothing half-written, and all goes on once the fault is gone.</summary>
public sealed class Disks_that_fail
{
    private static readonly ThreadEvent[] Large = [Chose("note", $"\"{new string('x', 100_000)}\""), Began()];

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task A_full_disk_stores_nothing_of_a_write_and_reads_go_on()
    {
        using var disk = SmallDisk.Mount(megabytes: 2);
        using var database = Database.Open(disk.Database);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var log = await TemporaryDatabase.Begin(store);
        var filler = disk.Fill();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal($"The disk that holds {disk.Database} is full. Nothing was stored. Free some space and repeat the call.",
                (await Assert.ThrowsAsync<DatabaseException>(() => store.Append(log, Large))).Message);
            Assert.Equal(log.Events, store.Read(log.Thread.Id).Events);
        }

        File.Delete(filler);
        await store.Append(log, Large);
        Assert.Equal([.. log.Events, .. Large], store.Read(log.Thread.Id).Events);
        Sound(database);
    }

    [Fact]
    public void A_backup_that_does_not_fit_leaves_nothing_of_itself()
    {
        using var disk = SmallDisk.Mount(megabytes: 2);
        using var files = new TemporaryDatabase();
        disk.Fill();
        Assert.Contains("is full. Nothing was stored.", Assert.Throws<DatabaseException>(() => Backup.Make(files.Open(), Path.Combine(disk.Folder, "backup.db"))).Message, StringComparison.Ordinal);
        Assert.Equal(["filler"], Directory.EnumerateFiles(disk.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_disk_that_may_only_be_read_is_refused_at_start_and_used_once_it_may_be_written()
    {
        using var disk = SmallDisk.Mount(megabytes: 2);
        ThreadId id;
        using (var database = Database.Open(disk.Database))
        {
            using var owner = new Owner(database);
            using var store = new ThreadStore(database, owner);
            id = (await TemporaryDatabase.Begin(store)).Thread.Id;
            await store.Commits.Run(session => 0);
        }

        SqliteConnection.ClearAllPools();
        disk.OnlyForReading();
        var refused = Assert.Throws<DatabaseException>(() => Database.Open(disk.Database)).Message;
        Assert.StartsWith($"{disk.Database} cannot be ", refused, StringComparison.Ordinal);
        Assert.EndsWith("or choose another file with --db.", refused, StringComparison.Ordinal);

        disk.ForWriting();
        using var again = Database.Open(disk.Database);
        using var next = new Owner(again);
        using var writable = new ThreadStore(again, next);
        await writable.Append(writable.Read(id), [new ThreadCancelled(Nine, "mia", "cli")]);
        Sound(again);
        SqliteConnection.ClearAllPools();
    }

    [Fact]
    public async Task Files_that_may_not_be_written_any_more_while_they_are_open_are_still_read()
    {
        using var files = new TemporaryDatabase();
        var store = files.Store();
        var log = await TemporaryDatabase.Begin(store);

        using (FrozenFiles.Of(files.Folder))
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal($"The disk that holds {files.File} failed (SQLite Error 10: 'disk I/O error'.). Nothing was stored. Check the disk and repeat the call.",
                    (await Assert.ThrowsAsync<DatabaseException>(() => store.Append(log, Large))).Message);
                Assert.Equal(log.Events, store.Read(log.Thread.Id).Events);
            }
        }

        await store.Append(log, Large);
        Assert.Equal([.. log.Events, .. Large], store.Read(log.Thread.Id).Events);
        Sound(files.Open());
    }

    private static void Sound(Database database) =>
        Assert.DoesNotContain(new Verification(database).Run().Flaws, flaw => !flaw.What.StartsWith("The definition it runs under", StringComparison.Ordinal));
}
