using System.Text;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Tests.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Faults;

/// <summary>One page of the file is noise, as after a bad sector.</summary>
public sealed class Pages_that_are_damaged : IDisposable
{
    private readonly TemporaryDatabase _files = new();

    [Fact]
    public async Task Threads_on_other_pages_are_still_served_and_verify_names_those_that_are_lost()
    {
        var store = _files.Store();
        List<ThreadLog> logs = [];
        for (var i = 0; i < 40; i++)
        {
            logs.Add(await TemporaryDatabase.Begin(store, [TemporaryDatabase.Started(at: Nine.AddSeconds(i), input: $"\"{new string('x', 900)}\""), Chose()]));
        }

        var lost = logs[20].Thread.Id;
        _files.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        Damage(PageOf(lost));

        var error = Assert.Throws<DatabaseException>(() => store.Read(lost)).Message;
        Assert.Equal($"{_files.File} is damaged (SQLite Error 11: 'database disk image is malformed'.). Run agentmcp doctor --verify to see which threads are affected, and restore a backup (agentmcp restore FILE). Threads on other pages are still served.", error);
        await store.Append(logs[0], [Began()]);
        Assert.Equal(3, store.Read(logs[0].Thread.Id).Events.Count);
        Assert.Equal(2, (await TemporaryDatabase.Begin(store, [TemporaryDatabase.Started(at: Ten), Chose()])).Thread.Version);

        var flaws = new Verification(_files.Open()).Run().Flaws;
        Assert.Contains(new Flaw(lost.Value, "It cannot be read: SQLite Error 11: 'database disk image is malformed'.", Verification.Restore), flaws);
        Assert.Contains(flaws, flaw => flaw.ThreadId is null && flaw.ToDo == "Stop all servers and restore a backup (agentmcp restore FILE).");
        Assert.InRange(flaws.Where(flaw => flaw.ToDo == Verification.Restore).Select(flaw => flaw.ThreadId).Distinct().Count(), 1, 10);
        Assert.ThrowsAny<DatabaseException>(() => Backup.Make(_files.Open(), Path.Combine(_files.Folder, "backup.db")));
        Assert.False(File.Exists(Path.Combine(_files.Folder, "backup.db")));
    }

    public void Dispose() => _files.Dispose();

    // The leaf of the table of events that holds this thread: it holds its id and an event's words.
    private long PageOf(ThreadId id)
    {
        var (bytes, size) = (File.ReadAllBytes(_files.File), _files.Scalar<int>("PRAGMA page_size"));
        return Enumerable.Range(1, (bytes.Length / size) - 1).First(page => bytes[page * size] == 10
            && bytes.AsSpan(page * size, size).IndexOf(Encoding.UTF8.GetBytes(id.Value)) > 0 && bytes.AsSpan(page * size, size).IndexOf("thread_started"u8) > 0) * (long)size;
    }

    private void Damage(long offset)
    {
        using var file = new FileStream(_files.File, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        file.Write(Enumerable.Repeat((byte)0xA5, 64).ToArray());
        file.Flush(flushToDisk: true);
        // What was read before is still in the memory of its readers.
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }
}
