using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Data.Sqlite;
using Told = AgentMcp.Agents.Tests.Bench.Told;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>What is left untold between threads is looked for in the logs of all that wait: one of them that cannot be read hides no other.</summary>
public sealed class One_damaged_log_between_threads
{
    private static readonly string Long = new('x', 900);

    [Theory]
    [Trait("Accepts", "R.11")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_caller_keeps_no_other_from_being_told_and_no_child_from_being_cancelled(bool workflow)
    {
        await using var first = new AgentBench(TestAgents.Clerk(), LogModel.Of("", TestAgents.Done));
        List<ThreadId> callers = [];
        for (var i = 0; i < 20; i++)
        {
            callers.Add(await Caller(first, workflow, hasEnded: workflow || i == 19));
        }

        var gone = await Store(first, Started(first), new ThreadCancelled(Logs.At, "mia", "stdio", "enough"));
        var child = await Store(first, Started(first, gone), Asked());
        var lost = Lost(first, callers[..5]);
        await using var bench = first.Crash();

        await bench.Runner.Recover();
        await bench.Runner.Recover();

        Assert.Contains((await bench.Settle(callers[19])).Events, happened => happened is RequestAnswered);
        Assert.Equal(ThreadStatus.Cancelled, bench.Store.Read(child).Thread.Status);
        Assert.Single(bench.Errors.Lines, line => line.Contains(lost.Value, StringComparison.Ordinal));
        Assert.StartsWith($"{lost} cannot be moved and is left alone: ", bench.Errors.Lines.Single(line => line.Contains(lost.Value, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task Of_a_child_keeps_none_from_being_cancelled_that_a_crash_left()
    {
        await using var first = new AgentBench(TestAgents.Clerk(), LogModel.Of(TestAgents.Done));
        List<ThreadId> children = [];
        for (var i = 0; i < 20; i++)
        {
            var caller = await Store(first, Started(first), new ThreadCancelled(Logs.At, "mia", "stdio", "enough"));
            children.Add(await Store(first, Started(first, caller), Asked()));
        }

        var lost = Lost(first, children[..5]);
        await using var bench = first.Crash();

        await bench.Runner.Recover();
        await bench.Runner.Recover();

        Assert.All(children[10..], id => Assert.Equal(ThreadStatus.Cancelled, bench.Store.Read(id).Thread.Status));
        Assert.Single(bench.Errors.Lines, line => line.StartsWith($"{lost} cannot be moved and is left alone: ", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    [Trait("Accepts", "R.11")]
    public async Task Of_a_child_keeps_no_other_from_being_cancelled_with_its_caller_nor_what_called_that_from_being_told()
    {
        await using var first = new AgentBench(TestAgents.Clerk(), LogModel.Of("", TestAgents.Done));
        var top = ThreadId.New(first.Clock.GetUtcNow());
        var caller = await Store(first, Started(first, top), Asked());
        await Store(first, top, [Started(first), .. WaitingFor(caller)]);
        List<ThreadId> children = [];
        for (var i = 0; i < 35; i++)
        {
            children.Add(await Store(first, Started(first, caller), Asked()));
        }

        var spokenTo = await Store(first, Started(first, caller), Logs.Chose("done_for_now", """{"message":"done"}"""),
            new ThreadCompleted(Logs.At, AgentBench.Message("done")), new MessageReceived(Logs.At, JsonText.Of("and now?"), "mia", "stdio"), Asked());
        Lost(first, children[14..18]);
        await using var bench = first.Crash();

        await bench.Host.Cancel(caller, AgentBench.Me, "enough");

        Assert.All(children[25..], id => Assert.Equal(ThreadStatus.Cancelled, bench.Store.Read(id).Thread.Status));
        Assert.Equal(ThreadStatus.Pending, bench.Store.Read(spokenTo).Thread.Status);
        Assert.Contains("answered:", Told.Of(bench.Store.Read(top)));
    }

    private static ThreadStarted Started(AgentBench bench, ThreadId? parent = null) =>
        new(Logs.At, "clerk", Definition.Of(bench.Agents[0]).Hash, AgentBench.Message(Long), "mia", "stdio", "message_received",
            parent, parent is null ? null : new CallId(2), parent, parent is null ? 0 : 1);

    private static RequestOpened Asked() => Logs.Asked(RequestKind.Question) with { Context = Long };

    private static ThreadEvent[] WaitingFor(ThreadId child) =>
        [Logs.Chose("worker", """{"message":"dig"}"""), Logs.Began(2), Logs.Asked(RequestKind.Child) with { Child = child, Context = Long }];

    private static async Task<ThreadId> Caller(AgentBench bench, bool workflow, bool hasEnded)
    {
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        var id = ThreadId.New(bench.Clock.GetUtcNow());
        var child = await Store(bench, Started(bench, id), hasEnded ? new ThreadFailed(Logs.At, "broke") : Asked());
        return await Store(bench, id, workflow
            ? [Started(bench) with { Workflow = "1" }, .. WaitingFor(child).Select(happened => happened is RequestOpened asked ? asked with { Call = new(2) } : happened), new ThreadParked(Logs.At)]
            : [Started(bench), .. WaitingFor(child)]);
    }

    private static Task<ThreadId> Store(AgentBench bench, params ThreadEvent[] events)
    {
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        return Store(bench, ThreadId.New(bench.Clock.GetUtcNow()), events);
    }

    private static async Task<ThreadId> Store(AgentBench bench, ThreadId id, ThreadEvent[] events)
    {
        var (hash, definition) = Definition.Of(bench.Agents[0]);
        await bench.Store.SaveDefinition(hash, definition);
        await bench.Store.Copy(ThreadLog.Of(id, events), takeLease: false);
        return id;
    }

    private static ThreadId Lost(AgentBench bench, IEnumerable<ThreadId> threads)
    {
        var lost = ThreadId.Parse(DamagedPage.Of(bench.Database.Path, threads.Select(id => id.Value)));
        // What was read before is still in the memory of its readers.
        SqliteConnection.ClearAllPools();
        return lost;
    }
}
