using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class SearchTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadStore _store;
    private readonly ThreadSearch _search;

    public SearchTests()
    {
        _store = _files.Store();
        _search = new(_files.Open());
    }

    [Theory]
    [InlineData("SHIPPED", "3")]
    [InlineData("100%", "2")]
    [InlineData("0_0", "")]
    [InlineData("say \"no\"", "2")]
    [InlineData(@"C:\temp", "1")]
    [InlineData("ü", "1")]
    [InlineData("remote hung up", "1")]
    [InlineData("*", "")]
    public async Task Threads_are_found_by_what_stands_anywhere_in_their_log(string text, string expected)
    {
        await Add(1, """{"message":"look into C:\\temp for Jürgen"}""", Chose(), Began(), ToolBroke());
        await Add(2, """{"message":"say \"no\" to 100% of 000"}""");
        await Add(3, """{"message":"go"}""", Chose("done"), Finished);
        await Add(4, """{"message":"shipped"}""", principal: "ravi");
        Assert.Equal(expected, Hours(_search.Find(new("local"), text)));
    }

    [Fact]
    public async Task A_page_goes_on_after_the_last_one()
    {
        for (var hour = 1; hour <= 5; hour++)
        {
            await Add(hour, """{"message":"needle"}""");
        }

        var first = _search.Find(new("local", Limit: 3), "needle");
        var second = _search.Find(new("local", Limit: 3, Cursor: first.Next), "needle");
        Assert.Equal(("5 4 3", "2 1"), (Hours(first), Hours(second)));
        Assert.Null(second.Next);
    }

    [Fact]
    [Trait("Accepts", "W.8")]
    public async Task One_search_looks_through_a_stretch_and_says_where_it_stopped()
    {
        var oldest = await Add(1, """{"message":"needle"}""");
        using (var connection = _files.Open().Connect())
        {
            // As many threads without events as a search looks through, which only a test has.
            connection.Execute("""
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Stretch)
                INSERT INTO threads (thread_id, agent, principal, status, version, root_id, created_at, updated_at)
                SELECT 'thr_f' || printf('%031x', i), 'deploybot', 'local', 'completed', 1, 'thr_f' || printf('%031x', i), 1, 1 FROM n
                """, new { ThreadSearch.Stretch });
        }

        var first = _search.Find(new("local"), "needle");
        Assert.Empty(first.Rows);
        Assert.Equal("thr_f" + 1.ToString("x31"), first.Next?.Value);
        var second = _search.Find(new("local", Cursor: first.Next), "needle");
        Assert.Equal((oldest.Thread.Id.Value, null), (Assert.Single(second.Rows).ThreadId, second.Next?.Value));
    }

    [Fact]
    public async Task A_family_is_a_root_with_all_that_descends_from_it()
    {
        var root = (await Add(1, "1")).Thread.Id;
        var child = (await Child(2, root, root)).Thread.Id;
        var grandchild = (await Child(3, child, root)).Thread.Id;
        await Add(4, "1");
        Assert.Equal([(root.Value, null), (child.Value, root.Value), (grandchild.Value, child.Value)], _search.Family(root, 10).Select(row => (row.ThreadId, row.ParentId)));
    }

    [Fact]
    public async Task A_watch_sees_what_this_process_and_another_wrote_and_nothing_else()
    {
        using var watch = new DatabaseWatch(_files.Open());
        Assert.False(watch.Moved());
        var log = await Add(1, "1");
        Assert.Equal((true, false), (watch.Moved(), watch.Moved()));
        await _files.Store().Append(log, [Chose()]);
        Assert.Equal((true, false), (watch.Moved(), watch.Moved()));
    }

    public void Dispose() => _files.Dispose();

    private static string Hours(SearchPage page) => string.Join(' ', page.Rows.Select(row => (row.CreatedAt - Nine.ToUnixTimeMilliseconds()) / 3_600_000));

    private Task<ThreadLog> Add(int hour, string input, params ThreadEvent[] then) => Add(hour, input, "local", then);

    private Task<ThreadLog> Add(int hour, string input, string principal, params ThreadEvent[] then) =>
        TemporaryDatabase.Begin(_store, [TemporaryDatabase.Started(principal: principal, input: input, at: Nine.AddHours(hour)), .. then]);

    private Task<ThreadLog> Child(int hour, ThreadId parent, ThreadId root) =>
        TemporaryDatabase.Begin(_store, TemporaryDatabase.Started(at: Nine.AddHours(hour)) with { Parent = parent, ParentCall = new(2), Root = root, Depth = 1 });
}
