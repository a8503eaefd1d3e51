using System.Text;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Chains;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>Recovery meets every thread on every sweep, in every process: one that cannot be moved must not be the end of it.</summary>
public sealed class One_thread_in_trouble
{
    private readonly Outside _outside = new();

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Holds_up_no_other_and_is_said_once()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(), LogModel.Of(TestAgents.Done));
        var (bad, good) = (await Found(bench), await Found(bench));
        using var disk = bench.Database.Connect();
        disk.Execute($"CREATE TRIGGER refuse BEFORE INSERT ON leases WHEN NEW.thread_id = '{bad}' BEGIN SELECT RAISE(ABORT, 'not this one'); END");

        Assert.Equal(1, await bench.Runner.Recover());
        Assert.Equal(0, await bench.Runner.Recover());

        Assert.Equal(ThreadStatus.Completed, (await bench.Settle(good)).Thread.Status);
        Assert.Equal($"{bad} cannot be moved and is left alone: SQLite Error 19: 'not this one'.", Assert.Single(bench.Errors.Lines));

        disk.Execute("DROP TRIGGER refuse");
        Assert.Equal(ThreadStatus.Completed, (await bench.Recover(bad)).Thread.Status);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task That_waits_for_a_child_holds_up_no_other_that_does()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(_outside.Deploy), Waiting);
        var (bad, good) = (await Rooted(bench), await Rooted(bench));
        var worker = bench.ChildOf(good);
        Spoil(bench, bad);
        using var disk = bench.Database.Connect();
        disk.Execute($"CREATE TRIGGER cut BEFORE INSERT ON events WHEN NEW.thread_id = '{good.Thread.Id}' BEGIN SELECT RAISE(ABORT, 'cut'); END");
        foreach (var child in new[] { bench.ChildOf(bad), worker })
        {
            await bench.Answer(child, approved: true);
        }

        disk.Execute("DROP TRIGGER cut");
        Assert.Equal(1, await bench.Runner.Recover());
        Assert.Equal(0, await bench.Runner.Recover());

        Assert.Equal(ThreadStatus.Completed, (await bench.SettleTree(good.Thread.Id)).Thread.Status);
        Assert.Single(bench.Errors.Lines, line => line.StartsWith($"{bad.Thread.Id} cannot be moved and is left alone: ", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task That_was_called_by_what_is_cancelled_holds_up_no_other_that_was()
    {
        await using var bench = new AgentBench(Crew.BossAndWorker(_outside.Deploy), Waiting);
        var (bad, good) = (await Rooted(bench), await Rooted(bench));
        using var disk = bench.Database.Connect();
        disk.Execute("CREATE TRIGGER cut BEFORE INSERT ON events WHEN NEW.data LIKE '%which called this%' BEGIN SELECT RAISE(ABORT, 'cut'); END");
        await bench.Host.Cancel(bad.Thread.Id, AgentBench.Me, null);
        await bench.Host.Cancel(good.Thread.Id, AgentBench.Me, null);
        disk.Execute("DROP TRIGGER cut");
        Spoil(bench, bench.Store.Read(bad.Thread.Children[0]));

        Assert.Equal(1, await bench.Runner.Recover());
        Assert.Equal(0, await bench.Runner.Recover());

        Assert.Equal(ThreadStatus.Cancelled, bench.Store.Read(good.Thread.Children[0]).Thread.Status);
        Assert.Single(bench.Errors.Lines, line => line.StartsWith($"{bad.Thread.Children[0]} cannot be moved and is left alone: ", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Whose_page_is_damaged_holds_up_none_on_other_pages()
    {
        await using var first = new AgentBench(TestAgents.Clerk(), LogModel.Of(TestAgents.Done));
        List<ThreadId> threads = [];
        for (var i = 0; i < 40; i++)
        {
            threads.Add(await Found(first, new string('x', 900)));
        }

        using (var disk = first.Database.Connect())
        {
            disk.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        Damage(first.Database.Path, threads[0]);
        await using var bench = first.Crash();

        await bench.Runner.Recover();
        await Task.WhenAll(threads.Select(id => bench.Runner.Find(id) ?? Task.CompletedTask));

        var lost = threads.Where(id => IsLost(bench, id)).ToList();
        Assert.Contains(threads[0], lost);
        // Those beside them may not find room any more; all others go on.
        Assert.All(threads[20..], id => Assert.Equal(ThreadStatus.Completed, bench.Store.Read(id).Thread.Status));
        Assert.All(lost, id => Assert.Single(bench.Errors.Lines, line => line.StartsWith($"{id} cannot be moved and is left alone: ", StringComparison.Ordinal)));
    }

    private static LogModel Waiting => Crew.Plays(("boss", [Crew.CallWorker, TestAgents.Done]), ("worker", [TestAgents.Step("deploy", "site"), TestAgents.Done]));

    // One after the other, so that their ids say which is met first.
    internal static async Task<ThreadId> Found(AgentBench bench, string message = "x", params ThreadEvent[] then)
    {
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        return await bench.Found([.. then.Prepend(new ThreadStarted(bench.Clock.GetUtcNow(), "clerk", Definition.Of(bench.Agents[0]).Hash, AgentBench.Message(message), "mia", "stdio", "message_received"))]);
    }

    private static async Task<ThreadLog> Rooted(AgentBench bench)
    {
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        return await bench.SettleTree((await bench.Start("x")).Thread.Id);
    }

    // An event that refers to nothing: nobody can fold the log any more.
    internal static void Spoil(AgentBench bench, ThreadLog log)
    {
        using var disk = bench.Database.Connect();
        disk.Execute("INSERT INTO events (thread_id, version, data) VALUES (@id, @version, @data)", new
        {
            id = log.Thread.Id.Value,
            version = log.Thread.Version + 1,
            data = """{"type":"tool_started","call":99,"attempt":1,"at":"2026-03-01T09:00:00+00:00"}""",
        });
        Assert.Throws<InvalidDataException>(() => bench.Store.Read(log.Thread.Id));
    }

    private static bool IsLost(AgentBench bench, ThreadId id)
    {
        try
        {
            return bench.Store.Read(id).Events.Count == 0;
        }
        catch (DatabaseException)
        {
            return true;
        }
    }

    // Noise over the leaf of the table of events that holds the thread: it holds its id and an event's words.
    private static void Damage(string path, ThreadId id)
    {
        const int Size = 4096;
        var bytes = File.ReadAllBytes(path);
        var page = Enumerable.Range(1, (bytes.Length / Size) - 1).First(page => bytes[page * Size] == 10
            && bytes.AsSpan(page * Size, Size).IndexOf(Encoding.UTF8.GetBytes(id.Value)) > 0 && bytes.AsSpan(page * Size, Size).IndexOf("thread_started"u8) > 0);
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = page * Size;
        file.Write(Enumerable.Repeat((byte)0xA5, 64).ToArray());
        file.Flush(flushToDisk: true);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }
}
