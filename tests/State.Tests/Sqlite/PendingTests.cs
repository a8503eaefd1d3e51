using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class PendingTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly PendingIndex _pending;

    public PendingTests()
    {
        _store = _files.Store();
        _pending = new(_files.Open());
    }

    public static TheoryData<string, PendingFilter, string[]> Filters => new()
    {
        { "what people are asked, newest question first", new("local"), ["in_doubt 13", "budget 12", "question 11", "approval 10"] },
        { "another caller's", new("ravi"), ["approval 17"] },
        { "by agent", new("local", "rollback"), ["question 11"] },
        { "by kind", new("local", Kind: RequestKind.Budget), ["budget 12"] },
        { "a result that is awaited, when asked for", new("local", Kind: RequestKind.ExternalResult), ["external_result 14"] },
        { "by age", new("local", AskedBefore: Nine.AddHours(11)), ["question 11", "approval 10"] },
    };

    [Theory]
    [Trait("Accepts", "A2H.1")]
    [MemberData(nameof(Filters))]
    public async Task What_waits_for_a_person_is_listed_by_when_it_was_asked(string how, PendingFilter filter, string[] expected)
    {
        await Asks(10, RequestKind.Approval);
        await Asks(11, RequestKind.Question, "rollback");
        await Asks(12, RequestKind.Budget);
        await Asks(13, RequestKind.InDoubt);
        await Asks(14, RequestKind.ExternalResult);
        await Asks(15, RequestKind.NextStep);
        await Asks(16, RequestKind.Sleep);
        await Asks(17, RequestKind.Approval, principal: "ravi");
        var rows = _pending.List(filter).Rows.Select(row => $"{row.Kind} {(row.AskedAt - Nine.ToUnixTimeMilliseconds()) / 3_600_000}");
        Assert.True(expected.SequenceEqual(rows), $"{how}: {string.Join(", ", rows)}");
        Assert.Equal((4L, 1L), (_pending.Count("local"), _pending.Count("ravi")));
        Assert.Equal(["deploybot", "rollback"], _pending.Agents("local"));
    }

    [Fact]
    public async Task Pages_skip_and_repeat_nothing_even_when_many_ask_at_one_moment()
    {
        for (var i = 0; i < 23; i++)
        {
            await Asks(10 + (i / 5), RequestKind.Approval);
        }

        var seen = new List<string>();
        for (PendingRow? cursor = null; ;)
        {
            var page = _pending.List(new("local", Cursor: cursor, Limit: 4));
            seen.AddRange(page.Rows.Select(row => row.ThreadId));
            await Asks(30, RequestKind.Question);
            if ((cursor = page.Next) is null)
            {
                break;
            }
        }

        Assert.Equal((23, 23), (seen.Count, seen.Distinct().Count()));
    }

    [Fact]
    public void Whatever_the_filters_the_list_walks_the_index_of_those_who_ask_in_order()
    {
        using var connection = _files.Open().Connect();
        var cursor = new PendingRow("thr_0", "", "", 1);
        foreach (var filter in Filters.Select(row => row.Data.Item2).SelectMany(filter => new[] { filter, filter with { Cursor = cursor } }))
        {
            var values = new { Principal = "", Agent = "", Kind = "", Before = 1, CursorAt = 1, CursorThread = "", Limit = 1 };
            var plan = connection.Query("EXPLAIN QUERY PLAN " + PendingIndex.ListSql(filter, "local"), values).Select(row => (string)row.detail);
            Assert.StartsWith("SEARCH threads USING COVERING INDEX threads_asking (principal=?", Assert.Single(plan), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_the_pages_say_of_all_that_wait_walks_that_index_too_and_no_further_than_they_count()
    {
        using var connection = _files.Open().Connect();
        Assert.All([PendingIndex.CountSql(), PendingIndex.AgentsSql()], sql =>
        {
            Assert.EndsWith("LIMIT 1000)", sql, StringComparison.Ordinal);
            var plan = connection.Query("EXPLAIN QUERY PLAN " + sql, new { Principal = "local" }).Select(row => (string)row.detail).ToList();
            Assert.Contains(plan, step => step.StartsWith("SEARCH threads USING COVERING INDEX threads_asking (principal=?)", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step.StartsWith("SCAN threads", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void For_one_who_sees_what_it_is_asked_it_walks_that_index_too_and_of_those_who_ask_the_logs()
    {
        using var connection = _files.Open().Connect();
        var filter = new PendingFilter(new Sight(null, Others.Asking, "mia"));
        var plan = connection.Query("EXPLAIN QUERY PLAN " + PendingIndex.ListSql(filter, "local"), new { Principal = "", Me = "", Limit = 1 }).Select(row => (string)row.detail).ToList();
        Assert.StartsWith("SEARCH threads USING COVERING INDEX threads_asking (principal=?", plan[0], StringComparison.Ordinal);
        Assert.Contains("SEARCH e USING PRIMARY KEY (thread_id=?)", plan);
        Assert.Contains("SEARCH s USING PRIMARY KEY (thread_id=? AND version>?)", plan);
        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal) || step.StartsWith("SCAN threads", StringComparison.Ordinal));
        Assert.All([new Sight("local"), new Sight("local", Others.All), new Sight("local", Others.Asking)], own => Assert.Equal("", own.Sql("local")));
    }

    public void Dispose() => _files.Dispose();

    private Task<ThreadLog> Asks(int hour, RequestKind kind, string agent = "deploybot", string principal = "local")
    {
        var at = Nine.AddHours(hour);
        RequestOpened asked = new(at, kind, "Which one?", DueAt: kind == RequestKind.Sleep ? at.AddDays(1) : null);
        return TemporaryDatabase.Begin(_store, [TemporaryDatabase.Started(agent, principal, at: at), asked]);
    }
}
