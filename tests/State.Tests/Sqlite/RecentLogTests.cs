using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>Events are read from their JSON once; where a thread stands is asked of the database every time.</summary>
public sealed class RecentLogTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();

    [Fact]
    public async Task Whoever_read_a_thread_before_sees_what_another_process_added()
    {
        var (mine, theirs) = (_files.Store(), _files.Store());
        var log = await TemporaryDatabase.Begin(mine);
        var (longer, _) = await theirs.Append(theirs.Read(log.Thread.Id), [Chose(), Began()]);
        Assert.Equal(longer.Events, mine.Read(log.Thread.Id).Events);
        Assert.Equal(longer.Thread.State, mine.Read(log.Thread.Id).Thread.State);
        await theirs.Append(longer, [Returned()]);
        Assert.Equal(4, mine.Read(log.Thread.Id).Thread.Version);
    }

    [Fact]
    public async Task What_was_decided_and_not_stored_is_in_no_log_that_is_read()
    {
        var store = _files.Store();
        var log = await TemporaryDatabase.Begin(store);
        _ = log.With([Chose("never stored")]);
        await store.Append(store.Read(log.Thread.Id), [Chose("stored")]);
        Assert.Equal([TemporaryDatabase.Started(), Chose("stored")], store.Read(log.Thread.Id).Events);
    }

    public void Dispose() => _files.Dispose();
}
