using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>What a crash leaves between a child and its caller, as two rows that do not fit.</summary>
public sealed class ChildIndexTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly Owner _owner;
    private readonly ThreadStore _store;
    private readonly ThreadIndex _index;

    public ChildIndexTests()
    {
        var database = _files.Open();
        _owner = new Owner(database);
        _store = new ThreadStore(database, _owner);
        _index = new ThreadIndex(database);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task A_caller_is_found_once_its_child_has_ended_and_until_it_was_told()
    {
        var caller = ThreadId.New(Nine);
        var earlier = await Child(caller, Chose("done"), Finished);
        var child = await Child(caller);
        var log = await Caller(caller, child.Thread.Id);
        Assert.Empty(_index.WaitingForTheEnded.AtOnce(10));

        await _store.Append(child, [Broke]);
        Assert.Equal([caller], _index.WaitingForTheEnded.AtOnce(10));

        // A note behind the request hides nothing.
        (log, _) = await _store.Append(log, [new DeliveryFailed(Ten, new(4), "ops", "503")]);
        Assert.Equal([caller], _index.WaitingForTheEnded.AtOnce(10));

        await _store.Append(log, ThreadDecider.Decide(log.Thread, new EndChild(Ten, child.Thread.Id, null, "broke", new(1, 0))));
        Assert.Empty(_index.WaitingForTheEnded.AtOnce(10));
        Assert.NotEqual(earlier.Thread.Id, child.Thread.Id);
    }

    [Fact]
    [Trait("Accepts", "D.5")]
    public async Task A_workflow_is_found_whichever_of_its_children_has_ended_and_whatever_else_it_does()
    {
        var caller = ThreadId.New(Nine);
        var (first, second) = (await Child(caller), await Child(caller));
        var log = ThreadLog.Of(caller, [StartedWorkflow, Chose(), Chose(), Chose(), Began(2), AskedOf(2, RequestKind.Child, first.Thread.Id), Began(3), AskedOf(3, RequestKind.Child, second.Thread.Id), AskedOf(4)]);
        await _store.Copy(log, takeLease: false);
        Assert.Empty(_index.WorkflowsWaitingForTheEnded.AtOnce(10));

        await _store.Append(first, [Broke]);
        Assert.Equal([caller], _index.WorkflowsWaitingForTheEnded.AtOnce(10));

        (log, _) = await _store.Append(log, [Parked]);
        Assert.Equal([caller], _index.WorkflowsWaitingForTheEnded.AtOnce(10));

        (log, _) = await _store.Append(log, ThreadDecider.Decide(log.Thread, new EndChild(Ten, first.Thread.Id, null, "broke", new(1, 0))));
        Assert.Empty(_index.WorkflowsWaitingForTheEnded.AtOnce(10));
        Assert.Equal([second.Thread.Id], log.Thread.Children);
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task Open_children_of_a_caller_that_was_cancelled_are_found_and_no_others()
    {
        var caller = ThreadId.New(Nine);
        var child = await Child(caller);
        var spokenTo = await Child(caller, Chose("done"), Finished, new MessageReceived(Ten, JsonText.Of("and now?"), "mia", "stdio"));
        var ended = await Child(caller, Broke);
        var copy = await Child(caller, new ThreadForked(Ten, child.Thread.Id, 1, "mia", "stdio"));
        var log = await Caller(caller, child.Thread.Id);
        Assert.Equal(new HashSet<ThreadId> { child.Thread.Id, spokenTo.Thread.Id }, _index.OpenChildren(caller).ToHashSet());
        Assert.Empty(_index.Abandoned.AtOnce(10));

        await _store.Append(log, [Stopped]);

        Assert.Equal([child.Thread.Id], _index.Abandoned.AtOnce(10));
        Assert.Equal(4, new[] { child, spokenTo, ended, copy }.Select(thread => thread.Thread.Id).Distinct().Count());
    }

    [Fact]
    public void The_searches_walk_an_index_of_what_is_under_way()
    {
        using var connection = _files.Open().Connect();
        Assert.Contains("SCAN p USING COVERING INDEX threads_waiting_for_a_child", Plan(_index.WaitingForTheEnded.Sql));
        Assert.Contains("SCAN p USING INDEX threads_of_workflows_with_children", Plan(_index.WorkflowsWaitingForTheEnded.Sql));
        Assert.Contains(Plan(_index.Abandoned.Sql), step => step.StartsWith("SEARCH c USING INDEX threads_open_children (parent_id>?", StringComparison.Ordinal));
        Assert.DoesNotContain(new[] { _index.WaitingForTheEnded, _index.WorkflowsWaitingForTheEnded, _index.Abandoned }.SelectMany(search => Plan(search.OneSql)),
            step => step.StartsWith("SCAN", StringComparison.Ordinal) && step != "SCAN CONSTANT ROW");
        Assert.Contains("SCAN t USING COVERING INDEX threads_running", Plan(ThreadIndex.FreeSql));
        Assert.Contains("SEARCH threads USING COVERING INDEX threads_due (due_at<?)", Plan(ThreadIndex.DueSql));
        Assert.DoesNotContain(new[] { ThreadIndex.FreeSql, ThreadIndex.DueSql, _index.Abandoned.Sql }.SelectMany(Plan), step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));

        List<string> Plan(string sql) => [.. connection.Query("EXPLAIN QUERY PLAN " + sql.Replace("$1", "10", StringComparison.Ordinal).Replace("$2", "'[]'", StringComparison.Ordinal).Replace("$3", "'[]'", StringComparison.Ordinal)).Select(row => (string)row.detail)];
    }

    public void Dispose()
    {
        _store.Dispose();
        _owner.Dispose();
        _files.Dispose();
    }

    private async Task<ThreadLog> Child(ThreadId caller, params ThreadEvent[] then)
    {
        var log = ThreadLog.Of(ThreadId.New(Nine), [(ThreadStarted)Happened.Started with { Parent = caller, ParentCall = new(2), Root = caller, Depth = 1 }, .. then]);
        await _store.Copy(log, takeLease: false);
        return log;
    }

    private async Task<ThreadLog> Caller(ThreadId id, ThreadId child)
    {
        var log = ThreadLog.Of(id, [Happened.Started, Chose(), Began(), new RequestOpened(Nine, RequestKind.Child, "Waits for tester.", Child: child)]);
        await _store.Copy(log, takeLease: false);
        return log;
    }
}
