using AgentMcp.State.Sqlite;
using AgentMcp.State.Tests.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Faults;

/// <summary>A database that is deleted, moved or replaced while it is used. SQLite itself would go on writing into the file nobody finds any more.</summary>
public sealed class Files_that_go_away : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly string _gone;

    public Files_that_go_away()
    {
        _store = _files.Store();
        _gone = $"{_files.File} was deleted or replaced while this program had it open. Nothing more is read from it or written to it. Put the file back, or stop all servers that use it, restore a backup (agentmcp restore FILE) and start them again.";
    }

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task Nothing_is_acknowledged_that_went_into_a_deleted_file_and_none_is_made_in_its_place()
    {
        var log = await TemporaryDatabase.Begin(_store);
        File.Delete(_files.File);
        await Refused(log);
        Assert.False(File.Exists(_files.File));
    }

    [Fact]
    public async Task A_file_that_is_put_back_is_used_again_and_nothing_of_what_was_refused_is_in_it()
    {
        var log = await TemporaryDatabase.Begin(_store);
        File.Move(_files.File, _files.File + ".away");
        await Refused(log);
        File.Move(_files.File + ".away", _files.File);
        Assert.Equal(log.Events, _store.Read(log.Thread.Id).Events);
        await _store.Append(log, [Chose()]);
        Assert.Equal("running 2", _files.Scalar<string>("SELECT status || ' ' || version FROM threads"));
    }

    [Fact]
    public async Task A_file_that_takes_its_place_is_not_taken_for_it()
    {
        var log = await TemporaryDatabase.Begin(_store);
        Backup.Make(_files.Open(), _files.File + ".copy");
        File.Move(_files.File, _files.File + ".away");
        File.Move(_files.File + ".copy", _files.File);
        var copy = File.ReadAllBytes(_files.File);
        await Refused(log);
        Assert.Equal(copy, File.ReadAllBytes(_files.File));
    }

    public void Dispose() => _files.Dispose();

    private async Task Refused(ThreadLog log)
    {
        Assert.Equal(_gone, (await Assert.ThrowsAsync<DatabaseException>(() => _store.Append(log, [Chose()]))).Message);
        Assert.Equal(_gone, (await Assert.ThrowsAsync<DatabaseException>(() => TemporaryDatabase.Begin(_store))).Message);
        Assert.Equal(_gone, Assert.Throws<DatabaseException>(() => _store.Read(log.Thread.Id)).Message);
    }
}
