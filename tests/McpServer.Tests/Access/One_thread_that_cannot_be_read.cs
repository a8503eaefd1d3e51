using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Cli;
using AgentMcp.Server.Tests.Inbox;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Access;

/// <summary>It takes no page, no list and no other thread with it, whoever looks.</summary>
public sealed class One_thread_that_cannot_be_read
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private readonly A_run_of_three _run = new();

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task For_its_page_is_damaged_leaves_an_approver_the_others()
    {
        using var folder = new TestFolder();
        List<ThreadId> threads = [.. (await Stored(folder.Database, 40)).OrderBy(id => id.Value, StringComparer.Ordinal)];
        await LeavesTheOthers(folder.Database, threads[0], DamagedPage.Of(folder.Database, threads.Skip(20).Select(thread => thread.Value)));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task For_a_byte_of_its_text_is_another_leaves_an_approver_the_others()
    {
        using var folder = new TestFolder();
        List<ThreadId> threads = [.. (await Stored(folder.Database, 40)).OrderBy(id => id.Value, StringComparer.Ordinal)];
        BrokenText.Of(folder.Database, threads[20].Value, "request_opened");
        await LeavesTheOthers(folder.Database, threads[0], threads[20].Value);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task And_called_another_leaves_the_page_of_what_that_asks()
    {
        await using var server = await GuardedServer.Start();
        await _run.Store(server.Core.Database);
        ForeignEvent.Append(server.Database, _run.Caller.Value);
        using var dave = await Visitor.WithKey(server.Url, await server.Key("dave", "approve"));
        using var ana = await Visitor.WithKey(server.Url, await server.Key("ana", "run"));

        var (whatDaveSees, whatAnaSees) = (await dave.Page(_run.Request), await ana.Page(_run.Request));

        // Whether dave is asked for the caller too, nobody can tell.
        Assert.Equal([$"/threads/{_run.Asking} calculator"], A_run_of_three.ChainOn(whatDaveSees));
        Assert.Equal([$"/threads/{_run.Caller} pipeline", $"/threads/{_run.Asking} calculator"], A_run_of_three.ChainOn(whatAnaSees));
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Leaves_the_pages_of_its_run()
    {
        await using var server = await GuardedServer.Start();
        await _run.Store(server.Core.Database);
        ForeignEvent.Append(server.Database, _run.Other.Value);
        using var ana = await Visitor.WithKey(server.Url, await server.Key("ana", "run"));

        var page = await ana.Page($"/threads/{_run.Asking}");

        Assert.Contains("<dt>2 threads of this run</dt><dd>30 tokens in, 6 out", page, StringComparison.Ordinal);
        Assert.Contains($"/threads/{_run.Other}", page, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Leaves_the_command_that_shows_another_of_its_run()
    {
        using var agentmcp = new CommandLine();
        using (var core = new Core(Settings.Load(new Dictionary<string, string?> { ["db"] = agentmcp.Database, ["model"] = "rules" }), NullLoggerFactory.Instance))
        {
            await _run.Store(core.Database, "local");
        }

        ForeignEvent.Append(agentmcp.Database, _run.Other.Value);

        var shown = await agentmcp.Run("show", _run.Asking.Value);

        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Contains("Used by 2 threads of this run, all that can be read: 30 tokens in, 6 out", shown.Output, StringComparison.Ordinal);
    }

    private static async Task LeavesTheOthers(string database, ThreadId first, string lost)
    {
        await using var server = await GuardedServer.Start(("db", database));
        using var dave = await Visitor.WithKey(server.Url, await server.Key("dave", "approve"));

        var request = $"/requests/{new RequestId(2).In(first)}";
        Assert.Contains("Which?", await dave.Page(request), StringComparison.Ordinal);
        foreach (var (list, whole) in new[] { (await dave.Page("/"), request), (await dave.Page("/threads"), first.Value) })
        {
            Assert.Contains(whole, list, StringComparison.Ordinal);
            Assert.DoesNotContain(lost, list, StringComparison.Ordinal);
        }

        foreach (var path in new[] { "/api/v1/requests?limit=200", "/api/v1/threads?limit=200" })
        {
            var said = await GuardedServer.Say(server.As("dave"), "GET", path);
            Assert.StartsWith("200", said, StringComparison.Ordinal);
            Assert.Contains(first.Value, said, StringComparison.Ordinal);
            Assert.DoesNotContain(lost, said, StringComparison.Ordinal);
        }

        var sight = server.Core.Access.SightOf(new("dave", Server.Access.Roles.Approve));
        var listed = server.Core.Host.List(new(sight, Limit: 200)).Rows.Select(row => row.ThreadId).ToList();
        Assert.InRange(listed.Count, 30, 39);
        Assert.Equal(listed.Order(StringComparer.Ordinal), server.Core.Pending.List(new(sight, Limit: 200)).Rows.Select(row => row.ThreadId).Order(StringComparer.Ordinal));
        Assert.Equal((listed.Count, "calculator"), (server.Core.Pending.Count(sight), Assert.Single(server.Core.Pending.Agents(sight))));
        Assert.Equal(listed, Pages(cursor => server.Core.Host.List(new(sight, Limit: 7, Cursor: cursor))));
    }

    private static List<string> Pages(Func<ThreadId?, ThreadPage> page)
    {
        List<string> all = [];
        ThreadId? next = null;
        do
        {
            var one = page(next);
            all.AddRange(one.Rows.Select(row => row.ThreadId));
            next = one.Next;
        }
        while (next is not null);
        return all;
    }

    internal static async Task<List<ThreadId>> Stored(string path, int count, string owner = "ana")
    {
        using var database = Database.Open(path);
        using var process = new Owner(database);
        using var store = new ThreadStore(database, process);
        List<ThreadId> threads = [];
        for (var i = 0; i < count; i++)
        {
            threads.Add(ThreadId.New(Nine));
            await store.Start(ThreadLog.Of(threads[^1],
            [
                new ThreadStarted(Nine, "calculator", "sha256:none", JsonText.Parse($$"""{"message":"{{new string('x', 600)}}"}"""), owner, "http", "message_received"),
                new RequestOpened(Nine, RequestKind.Question, "Which?", new string('y', 600)),
            ]), idempotencyKey: null, takeLease: false);
        }

        return threads;
    }
}
