using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.State.Tests.Sqlite;

/// <summary>Whichever way the threads of some agents are found, they are those whose first caller is one of them.</summary>
public sealed class SightTests : IDisposable
{
    private static readonly string[] Agents = ["deploybot", "rollback", "calculator", "Clerk", "judge"];
    private readonly TemporaryDatabase _files = new();
    private readonly ThreadIndex _index;
    private readonly List<ThreadRow> _all = [];

    public SightTests() => _index = new(_files.Open());

    public static TheoryData<string, Sight, string> Sights => new()
    {
        { "one agent's", new(null, Others.All, "mia", Only: ["judge"]), "judge" },
        { "several agents'", new(null, Others.All, "mia", Only: ["judge", "Clerk", "nobody"]), "judge Clerk" },
        { "what is known", new(null, Others.All, "mia", Known: ["rollback", "judge"]), "rollback judge" },
        { "what is known of what it may see", new(null, Others.All, "mia", Only: ["calculator", "judge"], Known: ["rollback", "judge"]), "judge" },
        { "all but what is hidden, in capitals or not", new(null, Others.All, "mia", Hidden: ["clerk", "deploybot"]), "rollback calculator judge" },
        { "what it may see but what is hidden", new(null, Others.All, "mia", Only: ["judge", "Clerk"], Hidden: ["CLERK"]), "judge" },
        { "nobody's", new(null, Others.All, "mia", Known: []), "" },
        { "all", new(null, Others.All, "mia"), "deploybot rollback calculator Clerk judge" },
    };

    [Theory]
    [MemberData(nameof(Sights))]
    public void Threads_are_seen_by_the_first_of_their_callers_in_pages_of_any_size(string who, Sight sight, string agents)
    {
        Fill();
        var roots = _all.Where(row => agents.Split(' ').Contains(row.Agent)).Select(row => row.ThreadId).ToHashSet();
        foreach (var filter in new ThreadFilter[]
        {
            new(sight), new(sight, ThreadStatus.Completed), new(sight, Agent: "judge"), new(sight, ThreadStatus.Failed, "rollback"), new(sight, Kind: RequestKind.Approval),
        })
        {
            var expected = _all.Where(row => roots.Contains(row.RootId) && (filter.Agent ?? row.Agent) == row.Agent
                && (filter.Status is not { } status || WireName.Of(status) == row.Status) && (filter.Kind is not { } kind || WireName.Of(kind) == row.Kind));
            Assert.All([1, 3, 20, 1_000], limit => Assert.Equal((who, string.Join('\n', expected)), (who, string.Join('\n', Pages(filter with { Limit = limit })))));
        }
    }

    [Fact]
    public void Of_its_own_all_are_seen_though_others_are_not()
    {
        Fill();
        var seen = _index.List(new(new("ana", Others.All, "ana", Known: ["judge"]), Limit: 1_000)).Rows.ToLookup(row => row.Principal);
        Assert.Equal(_all.Where(row => row.Principal == "ana"), seen["ana"]);
        var judges = _all.Where(row => row.Agent == "judge").Select(row => row.ThreadId).ToHashSet();
        Assert.Equal(_all.Where(row => row.Principal == "ravi" && judges.Contains(row.RootId)), seen["ravi"]);
    }

    [Fact]
    public void The_few_threads_of_some_agents_are_found_by_indexes()
    {
        using var connection = _files.Open().Connect();
        var sight = new Sight(null, Others.All, "mia", Only: ["judge"], Known: ["judge"]);
        var values = new { Principal = "ana", Only = "[]", Known = "[]", Stretch = 1, Limit = 1 };
        Assert.All([ThreadIndex.CountOfAgentsSql(sight, "ana"), ThreadIndex.ListOfAgentsSql(new(sight), "ana")], sql =>
        {
            var plan = connection.Query("EXPLAIN QUERY PLAN " + sql, values).Select(row => (string)row.detail).ToList();
            Assert.Contains("SEARCH t USING COVERING INDEX threads_by_agent (principal=? AND agent=?)", plan);
            Assert.Contains("SEARCH c USING INDEX threads_of_a_root (root_id=?)", plan);
            Assert.DoesNotContain(plan, step => step is "SCAN t" or "SCAN c" or "SCAN threads" or "MATERIALIZE own");
        });
    }

    public void Dispose() => _files.Dispose();

    // Few of judge and Clerk at the root and many below others; each third thread calls two, and each of those one.
    private void Fill()
    {
        for (var i = 0; i < 300; i++)
        {
            var (agent, principal) = (i % 60 == 7 ? "judge" : i % 50 == 3 ? "Clerk" : Agents[i % 3], i % 4 == 0 ? "ravi" : "ana");
            var root = Add(agent, principal, null, null);
            for (var j = 0; i % 3 == 0 && j < 2; j++)
            {
                Add(Agents[(i + 2 + j) % 5], principal, Add(Agents[(i + j) % 5], principal, root, root), root);
            }
        }

        using var connection = _files.Open().Connect();
        using var transaction = connection.BeginTransaction();
        connection.Execute(
            """
            INSERT INTO threads (thread_id, agent, principal, status, kind, version, parent_id, root_id, created_at, updated_at)
            VALUES (@ThreadId, @Agent, @Principal, @Status, @Kind, @Version, @ParentId, @RootId, @CreatedAt, @UpdatedAt)
            """, _all, transaction);
        transaction.Commit();
        _all.Reverse();
    }

    // The children of an old one may be the newest there are.
    private string Add(string agent, string principal, string? parent, string? root)
    {
        var status = (_all.Count % 7) switch { 0 => "pending", 1 => "failed", _ => "completed" };
        var id = $"thr_{_all.Count:x32}";
        _all.Add(new(id, agent, principal, status, status == "pending" ? _all.Count % 2 == 0 ? "approval" : "question" : null, 3, parent, root ?? id, 1, 1, null));
        return id;
    }

    private List<ThreadRow> Pages(ThreadFilter filter)
    {
        List<ThreadRow> seen = [];
        ThreadPage? page = null;
        do
        {
            page = _index.List(filter with { Cursor = page?.Next });
            seen.AddRange(page.Rows);
        }
        while (page.Next is not null);
        return seen;
    }
}
