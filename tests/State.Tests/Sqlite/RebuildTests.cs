using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class RebuildTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadIndex _index;

    public RebuildTests() => _index = new(_files.Open());

    [Fact]
    [Trait("Accepts", "F5.1")]
    public async Task A_projection_that_is_dropped_comes_back_the_same()
    {
        var before = await Fill();
        _files.Execute("PRAGMA foreign_keys = OFF; DELETE FROM threads;");
        Assert.Empty(_index.List(new("local")).Rows);
        Assert.Equal(before.Count, _index.Rebuild());
        Assert.Equal(before, _index.List(new("local", Limit: 100)).Rows);
    }

    [Fact]
    [Trait("Accepts", "F5.1")]
    public async Task A_projection_that_is_right_is_left_alone()
    {
        await Fill();
        Assert.Equal(0, _index.Rebuild());
    }

    [Fact]
    [Trait("Accepts", "F5.1")]
    public async Task A_row_that_is_wrong_is_counted_and_put_right()
    {
        var before = await Fill();
        _files.Execute($"UPDATE threads SET status = 'failed', kind = NULL, due_at = NULL, version = 77 WHERE thread_id = '{before[0].ThreadId}'");
        Assert.Equal(1, _index.Rebuild());
        Assert.Equal(before, _index.List(new("local", Limit: 100)).Rows);
    }

    public void Dispose() => _files.Dispose();

    private async Task<IReadOnlyList<ThreadRow>> Fill()
    {
        var store = _files.Store();
        foreach (var log in Logs.Values.Where(log => log.Length > 0))
        {
            await TemporaryDatabase.Begin(store, log);
        }

        await store.Start(ThreadId.New(Nine), TemporaryDatabase.Started() with { Parent = Spec.Id, ParentCall = new(4), Root = Spec.Id, Depth = 1 }, "k1", takeLease: true);
        return _index.List(new("local", Limit: 100)).Rows;
    }
}
