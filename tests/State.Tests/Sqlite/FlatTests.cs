using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>What a first page takes, in instructions of SQLite, where few threads ask and very many are done.</summary>
public sealed class FlatTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly Database _database;
    private readonly ThreadIndex _index;
    private readonly PendingIndex _pending;

    public FlatTests()
    {
        _database = _files.Open();
        (_index, _pending) = (new(_database), new(_database));
    }

    public static TheoryData<string, Sight> Sights => new()
    {
        { "its own", "ana" },
        { "all of the agents that there are", new(null, Others.All, "mia", Known: ["deploybot", "rollback"]) },
        { "its own and all", new("ana", Others.All, "ana") },
        { "one agent's", new(null, Others.All, "mia", Only: ["rollback"], Known: ["deploybot", "rollback"]) },
        { "its own of one agent", new("ana", Only: ["rollback"]) },
        { "all but one agent's", new(null, Others.All, "mia", Hidden: ["deploybot"], Known: ["rollback"]) },
        { "its own but one agent's", new("ana", Hidden: ["deploybot"]) },
        { "those of an agent that was never called", new("ana", Others.All, "ana", Only: ["calculator"], Known: ["calculator"]) },
        { "what it is asked", new(null, Others.Asking, "mia", Known: ["deploybot", "rollback"]) },
        { "what it is asked by one agent", new(null, Others.Asking, "mia", Only: ["rollback"], Known: ["deploybot", "rollback"]) },
    };

    [Theory]
    [Trait("Accepts", "W.8")]
    [MemberData(nameof(Sights))]
    public async Task No_first_page_takes_longer_for_the_threads_that_are_done(string who, Sight sight)
    {
        await Asking("ana", ["deploybot", "rollback", "deploybot", "rollback", "deploybot", "rollback"]);
        await Asking("ravi", ["deploybot"]);
        Done(1_000);
        var few = Pages(sight);
        Done(50_000);
        var many = Pages(sight);
        Assert.True(many.Zip(few).All(page => page.First.Steps < (page.Second.Steps * 1.2) + 50), $"{who}:\n{string.Join('\n', few.Zip(many))}");
        Assert.Equal(few.Select(page => page.Rows), many.Select(page => page.Rows));
    }

    [Fact]
    [Trait("Accepts", "W.8")]
    public void Nor_does_it_for_the_older_threads_of_an_agent_that_lie_under_others()
    {
        Done(1_000);
        Done(500, "calculator", from: 1_900_000_000_000);
        var sight = new Sight(null, Others.All, "mia", Only: ["deploybot"]);
        var few = Pages(sight);
        Done(50_000);
        var many = Pages(sight);
        Assert.True(many.Zip(few).All(page => page.First.Steps < (page.Second.Steps * 1.2) + 50), string.Join('\n', few.Zip(many)));
    }

    public void Dispose() => _files.Dispose();

    private List<(string What, int Rows, long Steps)> Pages(Sight sight) =>
    [
        Steps("threads", () => _index.List(new(sight)).Rows.Count),
        Steps("those that wait", () => _index.List(new(sight, ThreadStatus.Pending)).Rows.Count),
        Steps("those that failed", () => _index.List(new(sight, ThreadStatus.Failed)).Rows.Count),
        Steps("those of an agent", () => _index.List(new(sight, Agent: "rollback")).Rows.Count),
        Steps("those of an agent that wait", () => _index.List(new(sight, ThreadStatus.Pending, "deploybot")).Rows.Count),
        Steps("those of an agent that run", () => _index.List(new(sight, ThreadStatus.Running, "deploybot")).Rows.Count),
        Steps("those of an agent that are done", () => _index.List(new(sight, ThreadStatus.Completed, "rollback")).Rows.Count),
        Steps("approvals", () => _index.List(new(sight, Kind: RequestKind.Approval)).Rows.Count),
        Steps("approvals of an agent", () => _index.List(new(sight, Agent: "deploybot", Kind: RequestKind.Approval)).Rows.Count),
        Steps("questions of what failed", () => _index.List(new(sight, ThreadStatus.Failed, Kind: RequestKind.Question)).Rows.Count),
        Steps("requests", () => _pending.List(new(sight)).Rows.Count),
        Steps("requests of an agent", () => _pending.List(new(sight, "rollback")).Rows.Count),
        Steps("how many requests", () => (int)_pending.Count(sight)),
        Steps("whose requests", () => _pending.Agents(sight).Count),
    ];

    private async Task Asking(string principal, string[] agents)
    {
        var store = _files.Store();
        foreach (var agent in agents)
        {
            await TemporaryDatabase.Begin(store, [TemporaryDatabase.Started(agent, principal), AskedApproval()]);
        }
    }

    // All of them later than what asks, so that whoever reads them all reads them first.
    private void Done(int upTo, string agent = "deploybot", long from = 1_800_000_000_000)
    {
        using var connection = _database.Connect();
        connection.Execute(
            """
            WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < @UpTo)
            INSERT OR IGNORE INTO threads (thread_id, agent, principal, status, version, root_id, created_at, updated_at)
            SELECT id, @Agent, CASE i % 4 WHEN 0 THEN 'ravi' ELSE 'ana' END, 'completed', 3, id, @From + i, @From + i
            FROM (SELECT i, printf('thr_%012x%020x', @From + i, i) AS id FROM numbers)
            """, new { UpTo = upTo, Agent = agent, From = from });
    }

    private (string What, int Rows, long Steps) Steps(string what, Func<int> rows)
    {
        var tens = 0L;
        SQLitePCL.delegate_progress count = _ => tens++ < 0 ? 1 : 0;
        // Nobody else reads, so that there is one connection.
        _database.Read(session => Watch(session, count));
        var found = rows();
        _database.Read(session => Watch(session, null));
        return (what, found, tens * 10);
    }

    private static bool Watch(Session session, SQLitePCL.delegate_progress? count)
    {
        SQLitePCL.raw.sqlite3_progress_handler(session.Connection.Handle, count is null ? 0 : 10, count, null);
        return true;
    }
}
