using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>What cannot be used is said plainly, with what to do about it.</summary>
public sealed class BrokenFileTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();

    [Theory]
    [InlineData("hello")]
    [InlineData("hello, this is a text file that is a good deal longer than the header of a database, which has a hundred bytes")]
    public void A_file_that_is_no_database(string content)
    {
        File.WriteAllText(_files.File, content);
        Assert.Equal(
            $"{_files.File} is not a usable SQLite database (SQLite Error 26: 'file is not a database'.). Restore it from a backup, or choose another file with --db.",
            Assert.Throws<DatabaseException>(_files.Open).Message);
        Assert.Equal(content, File.ReadAllText(_files.File));
    }

    [Fact]
    public void A_folder_in_place_of_the_file()
    {
        Directory.CreateDirectory(_files.File);
        Assert.Equal(
            $"{_files.File} cannot be opened (SQLite Error 14: 'unable to open database file'.). Check that its folder exists and can be written, or choose another file with --db.",
            Assert.Throws<DatabaseException>(_files.Open).Message);
    }

    [Fact]
    public void A_file_in_place_of_the_folder()
    {
        File.WriteAllText(_files.File, "");
        var below = Path.Combine(_files.File, "threads.db");
        var message = Assert.Throws<DatabaseException>(() => Database.Open(below)).Message;
        Assert.StartsWith($"{below} cannot be opened (", message, StringComparison.Ordinal);
        Assert.EndsWith("). Check that its folder exists and can be written, or choose another file with --db.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_place_of_the_folder_of_owners()
    {
        var database = _files.Open();
        File.WriteAllText(database.OwnersFolder, "");
        Assert.StartsWith($"{database.OwnersFolder} cannot be opened (", Assert.Throws<DatabaseException>(() => new Owner(database)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task A_full_disk_stores_nothing_of_the_append_and_the_store_goes_on_once_there_is_room()
    {
        var store = _files.Store();
        var log = await TemporaryDatabase.Begin(store);
        await store.Commits.Run(session => session.Execute($"PRAGMA max_page_count = {session.Scalar<long>("PRAGMA page_count")}"));
        ThreadEvent[] large = [Chose("note", $"\"{new string('x', 50_000)}\""), Began()];
        var e = await Assert.ThrowsAsync<DatabaseException>(() => store.Append(log, large));
        Assert.Equal($"The disk that holds {_files.File} is full. Nothing was stored. Free some space and repeat the call.", e.Message);
        Assert.Equal(log.Events, store.Read(log.Thread.Id).Events);
        Assert.Equal("running 1", _files.Scalar<string>("SELECT status || ' ' || version FROM threads"));

        MakeRoom();
        await store.Append(log, large);
        Assert.Equal([.. log.Events, .. large], store.Read(log.Thread.Id).Events);
        Assert.Equal("ok", _files.Scalar<string>("PRAGMA integrity_check"));
    }

    public void Dispose() => _files.Dispose();

    // The limit belongs to the connection, which the pool may hand out again.
    private void MakeRoom()
    {
        using var connection = _files.Open().Connect();
        connection.Execute("PRAGMA max_page_count = 1000000");
    }
}
