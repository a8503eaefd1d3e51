using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class ListTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly ThreadIndex _index;

    public ListTests()
    {
        _store = _files.Store();
        _index = new(_files.Open());
    }

    public static TheoryData<string, ThreadFilter, string[]> Filters => new()
    {
        { "everything of mine, newest first", new("local"), ["completed 10", "question 9", "running 8", "approval 7"] },
        { "another caller's", new("ravi"), ["running 11"] },
        { "nobody's", new("eve"), [] },
        { "by status", new("local", ThreadStatus.Pending), ["question 9", "approval 7"] },
        { "by agent", new("local", Agent: "rollback"), ["question 9", "running 8"] },
        { "by kind", new("local", Kind: RequestKind.Approval), ["approval 7"] },
        { "by age, older", new("local", StartedBefore: Nine.AddHours(9)), ["running 8", "approval 7"] },
        { "by age, younger", new("local", StartedAfter: Nine.AddHours(9)), ["completed 10", "question 9"] },
        { "by all at once", new("local", ThreadStatus.Pending, "rollback", RequestKind.Question, Nine.AddHours(10), Nine.AddHours(9)), ["question 9"] },
        { "by what excludes itself", new("local", ThreadStatus.Completed, Kind: RequestKind.Question), [] },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    [Trait("Accepts", "W.8")]
    public async Task Threads_are_listed(string how, ThreadFilter filter, string[] expected)
    {
        await Add(7, [Chose(), AskedApproval()]);
        await Add(8, [], "rollback");
        await Add(9, [Asked()], "rollback");
        await Add(10, [Chose("done"), Finished]);
        await Add(11, [], principal: "ravi");
        var rows = _index.List(filter).Rows.Select(row => $"{row.Kind ?? row.Status} {(row.CreatedAt - Nine.ToUnixTimeMilliseconds()) / 3_600_000}");
        Assert.True(expected.SequenceEqual(rows), $"{how}: {string.Join(", ", rows)}");
    }

    [Fact]
    [Trait("Accepts", "W.8")]
    public async Task Pages_skip_and_repeat_nothing_while_threads_are_added()
    {
        var there = new List<ThreadId>();
        for (var i = 0; i < 25; i++)
        {
            there.Add((await Add(1 + (i / 3), [])).Thread.Id);
        }

        var seen = new List<string>();
        ThreadPage page;
        ThreadId? cursor = null;
        do
        {
            page = _index.List(new("local", Cursor: cursor, Limit: 4));
            seen.AddRange(page.Rows.Select(row => row.ThreadId));
            cursor = page.Next;
            await Add(20, []);
        }
        while (cursor is not null);
        Assert.Equal(there.Select(id => id.Value).OrderDescending(StringComparer.Ordinal), seen);
    }

    [Fact]
    [Trait("Accepts", "W.8")]
    public async Task The_last_page_says_that_it_is_the_last()
    {
        await Add(1, []);
        await Add(2, []);
        Assert.Null(_index.List(new("local", Limit: 2)).Next);
        Assert.NotNull(_index.List(new("local", Limit: 1)).Next);
    }

    [Fact]
    public async Task A_row_follows_its_thread()
    {
        var log = await Add(1, [Chose()]);
        var start = Nine.AddHours(1).ToUnixTimeMilliseconds();
        var id = log.Thread.Id.Value;
        Assert.Equal(new ThreadRow(id, "deploybot", "local", "running", null, 2, null, id, start, Nine.ToUnixTimeMilliseconds(), null), Row());
        (log, _) = await _store.Append(log, [AskedApproval(due: Ten)]);
        Assert.Equal(new ThreadRow(id, "deploybot", "local", "pending", "approval", 3, null, id, start, Nine.ToUnixTimeMilliseconds(), Ten.ToUnixTimeMilliseconds()), Row());
        await _store.Append(log, [new RequestExpired(Ten, new(3))]);
        Assert.Equal(new ThreadRow(id, "deploybot", "local", "running", null, 4, null, id, start, Ten.ToUnixTimeMilliseconds(), null), Row());
        Assert.Equal((4, 0), (_index.VersionOf(log.Thread.Id), _index.VersionOf(ThreadId.New(Nine))));

        ThreadRow Row() => Assert.Single(_index.List(new("local")).Rows);
    }

    [Theory]
    [InlineData(null, null, "threads_by_principal (principal=?)")]
    [InlineData(ThreadStatus.Pending, null, "threads_by_status (principal=? AND status=?)")]
    [InlineData(null, "deploybot", "threads_by_agent (principal=? AND agent=?)")]
    [Trait("Accepts", "W.8")]
    public void Every_way_of_listing_walks_an_index_in_order(ThreadStatus? status, string? agent, string index)
    {
        Assert.Equal([$"SEARCH threads USING INDEX {index}"], Plan(new("local", status, agent)));
        Assert.Equal([$"SEARCH threads USING INDEX {index.Replace(")", " AND thread_id<?)", StringComparison.Ordinal)}"], Plan(new("local", status, agent, Cursor: Spec.Id)));
    }

    [Theory]
    [InlineData(ThreadStatus.Running, "deploybot", null, "threads_by_status (principal=? AND status=?)")]
    [InlineData(ThreadStatus.Failed, "deploybot", null, "threads_by_status (principal=? AND status=?)")]
    [InlineData(ThreadStatus.Completed, "deploybot", null, "threads_by_agent (principal=? AND agent=?)")]
    [InlineData(null, null, RequestKind.Approval, "threads_by_status (principal=? AND status=?)")]
    [InlineData(null, "deploybot", RequestKind.Approval, "threads_by_status (principal=? AND status=?)")]
    [InlineData(ThreadStatus.Completed, "deploybot", RequestKind.Approval, "threads_by_status (principal=? AND status=?)")]
    public void Of_two_filters_the_one_that_leaves_fewer_threads_is_walked(ThreadStatus? status, string? agent, RequestKind? kind, string index) =>
        Assert.Equal([$"SEARCH threads USING INDEX {index}"], Plan(new("local", status, agent, kind)));

    [Fact]
    public void For_one_who_sees_what_it_is_asked_only_threads_that_wait_are_walked()
    {
        var mia = new Sight(null, Others.Asking, "mia");
        Assert.All([new(mia), new(mia, Agent: "deploybot"), new(mia, ThreadStatus.Completed), new ThreadFilter(mia, Kind: RequestKind.Approval)], filter =>
        {
            var plan = Plan(filter);
            Assert.Equal("SEARCH threads USING INDEX threads_by_status (principal=? AND status=?)", plan[0]);
            Assert.DoesNotContain(plan, step => step.StartsWith("SCAN threads", StringComparison.Ordinal) || step.Contains("TEMP B-TREE FOR ORDER", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Whatever_the_filters_no_listing_sorts_or_reads_the_whole_table() =>
        Assert.All(Filters.Select(row => Plan(row.Data.Item2)), plan => Assert.StartsWith("SEARCH threads USING ", Assert.Single(plan), StringComparison.Ordinal));

    public void Dispose() => _files.Dispose();

    private async Task<ThreadLog> Add(int hour, ThreadEvent[] then, string agent = "deploybot", string principal = "local") =>
        await TemporaryDatabase.Begin(_store, [TemporaryDatabase.Started(agent, principal, at: Nine.AddHours(hour)), .. then]);

    private List<string> Plan(ThreadFilter filter)
    {
        using var connection = _files.Open().Connect();
        var unbound = new { Principal = "local", Status = "", Agent = "", Kind = "", Before = "", After = "", Cursor = "", Me = "", Limit = 1 };
        return [.. connection.Query("EXPLAIN QUERY PLAN " + ThreadIndex.ListSql(filter, "local"), unbound).Select(row => (string)row.detail)];
    }
}
