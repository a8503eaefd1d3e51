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

    [Fact]
    public void A_long_log_that_moved_a_little_takes_the_room_of_a_long_log()
    {
        var recent = new RecentLogs();
        var (one, other) = (Log(1), Log(2));
        recent.Keep(one, 750_000);
        recent.Keep(other, 750_000);
        recent.Keep(one.With([Chose()]), 10);
        recent.Keep(other.With([Chose()]), 10);
        Assert.Equal((2, 2), (recent.Find(one.Thread.Id)!.Thread.Version, recent.Find(other.Thread.Id)!.Thread.Version));

        recent.Keep(Log(3), 1_000_001);

        Assert.Equal((null, null), (recent.Find(one.Thread.Id), recent.Find(other.Thread.Id)));
    }

    [Fact]
    public void Whoever_reads_at_the_same_time_neither_counts_twice_nor_takes_a_log_back()
    {
        var recent = new RecentLogs();
        var one = Log(1);
        recent.Keep(one.With([Chose()]), 375_000);
        recent.Keep(one.With([Chose()]), 375_000);
        recent.Keep(one, 375_000);
        recent.Keep(Log(2), 1_000_001);

        Assert.Equal(2, recent.Find(one.Thread.Id)?.Thread.Version);
    }

    private static ThreadLog Log(int number) => ThreadLog.Of(ThreadId.New(DateTimeOffset.UnixEpoch.AddDays(number)), [TemporaryDatabase.Started()]);

    public void Dispose() => _files.Dispose();
}
