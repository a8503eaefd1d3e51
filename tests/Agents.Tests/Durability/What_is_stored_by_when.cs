using System.Threading.Channels;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Durability;

/// <summary>What was only thought and read may be a little ahead of the disk; what changed something, and a pause, may not.</summary>
public sealed class What_is_stored_by_when
{
    [Fact]
    public async Task Steps_that_only_read_and_are_over_at_once_share_a_commit()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Tool("look", Effect.ReadOnly)),
            LogModel.Of(TestAgents.Step("look", "a"), TestAgents.Step("look", "b"), TestAgents.Done));
        var commits = Commits(bench);

        await bench.Start("go");

        Assert.Equal([1, 9], commits);
    }

    [Fact]
    [Trait("Accepts", "F6.1")]
    public async Task What_was_read_is_stored_while_the_model_takes_its_time()
    {
        var model = new SlowModel(TestAgents.Step("look", "a"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(Tool("look", Effect.ReadOnly)), model);

        var id = await bench.Host.Start("clerk", AgentBench.Message("go"), AgentBench.Me);
        await model.Asked();
        Assert.Equal(1, bench.Store.Read(id).Thread.Version);
        model.Answer();
        await model.Asked();

        var stored = await bench.Until(id, log => log.Thread.Version == 4);
        Assert.IsType<ToolReturned>(stored.Events[^1]);
        model.Answer();
        Assert.Equal(ThreadStatus.Completed, (await bench.Settle(id)).Thread.Status);
    }

    [Theory]
    [InlineData(Effect.Idempotent)]
    [InlineData(Effect.Effectful)]
    public async Task What_changed_something_is_stored_before_the_model_is_asked(Effect effect)
    {
        AgentBench? there = null;
        var stored = new List<int>();
        var model = new LogModel(log =>
        {
            stored.Add(there!.Store.Read(log.Thread.Id).Thread.Version);
            return log.Events.Count == 1 ? TestAgents.Step("pay", "a") : TestAgents.Done;
        });
        await using var bench = there = new AgentBench(TestAgents.Clerk(Tool("pay", effect)), model);

        await bench.Start("go");

        Assert.Equal([1, 4], stored);
    }

    [Fact]
    public async Task Nothing_stays_unstored_for_long()
    {
        AgentBench? there = null;
        var stored = new List<int>();
        var steps = 0;
        var look = TestAgents.Tool("look", Effect.ReadOnly, call =>
        {
            stored.Add(there!.Store.Read(call.Thread).Thread.Version);
            there.Clock.Advance(TimeSpan.FromMilliseconds(15));
            return "1";
        });
        await using var bench = there = new AgentBench(TestAgents.Clerk(look), new LogModel(_ => ++steps < 5 ? TestAgents.Step("look", $"{steps}") : TestAgents.Done));

        await bench.Start("go");

        // After 30 ms, when the second look is over: its step and its start.
        Assert.Equal([1, 1, 6, 6], stored);
    }

    [Fact]
    public async Task Nor_is_there_ever_much_of_it()
    {
        AgentBench? there = null;
        var most = 0;
        var look = TestAgents.Tool("look", Effect.ReadOnly, _ => "1");
        var model = new LogModel(log =>
        {
            most = Math.Max(most, log.Events.Count - there!.Store.Read(log.Thread.Id).Events.Count);
            return log.Thread.Steps < 100 ? TestAgents.Step("look", $"{log.Thread.Steps}") : TestAgents.Done;
        });
        await using var bench = there = new AgentBench(TestAgents.Clerk(look) with { Limits = new Limits(Steps: 200) }, model);

        await bench.Start("go");

        Assert.InRange(most, 60, 66);
    }

    [Fact]
    public async Task When_the_model_throws_what_was_read_is_kept()
    {
        await using var bench = new AgentBench(TestAgents.Clerk(Tool("look", Effect.ReadOnly)),
            new ScriptedModel(TestAgents.Step("look", "a"), new InvalidOperationException("a hole")));

        Told.Is(await bench.Start("go"), """started: {"message":"go"}""", """chosen: look {"item":"a"}""", "tool started: call_2, attempt 1", "tool returned: call_2 1",
            "failed: An internal error ended the run: a hole");
    }

    [Fact]
    public async Task Nobody_waits_for_the_disk_after_what_only_reads()
    {
        var model = new SlowModel(TestAgents.Step("look", "a"), TestAgents.Step("look", "b"), TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Clerk(Tool("look", Effect.ReadOnly)), model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("go"), AgentBench.Me);
        await model.Asked();

        await using (await HeldDisk.Of(bench))
        {
            model.Answer();
            await model.Asked();
            model.Answer();
            await model.Asked();
            Assert.Equal(1, bench.Store.Read(id).Thread.Version);
        }

        model.Answer();
        Told.Is(await bench.Settle(id), """started: {"message":"go"}""", """chosen: look {"item":"a"}""", "tool started: call_2, attempt 1", "tool returned: call_2 1",
            """chosen: look {"item":"b"}""", "tool started: call_5, attempt 1", "tool returned: call_5 1", """chosen: done_for_now {"message":"done"}""", """completed: {"message":"done"}""");
    }

    [Theory]
    [InlineData(Effect.Idempotent)]
    [InlineData(Effect.Effectful)]
    public async Task What_changes_something_waits_until_all_before_it_is_stored(Effect effect)
    {
        AgentBench? there = null;
        var stored = new List<int>();
        var pay = TestAgents.Tool("pay", effect, call =>
        {
            stored.Add(there!.Store.Read(call.Thread).Thread.Version);
            return "1";
        });
        var model = new SlowModel(TestAgents.Step("look", "a"), TestAgents.Step("pay", "b"), TestAgents.Done);
        await using var bench = there = new AgentBench(TestAgents.Clerk(Tool("look", Effect.ReadOnly), pay), model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("go"), AgentBench.Me);
        await model.Asked();

        await using (await HeldDisk.Of(bench))
        {
            model.Answer();
            await model.Asked();
            model.Answer();
        }

        await model.Asked();
        Assert.Equal(7, bench.Store.Read(id).Thread.Version);
        model.Answer();
        await bench.Settle(id);
        Assert.Equal([6], stored);
    }

    [Fact]
    public async Task When_the_model_throws_before_the_disk_is_done_what_was_read_is_kept()
    {
        var model = new SlowModel(TestAgents.Step("look", "a"), TestAgents.Step("look", "b"), new InvalidOperationException("a hole"));
        await using var bench = new AgentBench(TestAgents.Clerk(Tool("look", Effect.ReadOnly)), model);
        var id = await bench.Host.Start("clerk", AgentBench.Message("go"), AgentBench.Me);
        await model.Asked();

        await using (await HeldDisk.Of(bench))
        {
            model.Answer();
            await model.Asked();
            model.Answer();
            await model.Asked();
            model.Answer();
        }

        Told.Is(await bench.Settle(id), """started: {"message":"go"}""", """chosen: look {"item":"a"}""", "tool started: call_2, attempt 1", "tool returned: call_2 1",
            """chosen: look {"item":"b"}""", "tool started: call_5, attempt 1", "tool returned: call_5 1", "failed: An internal error ended the run: a hole");
    }

    private static Tool Tool(string name, Effect effect) => TestAgents.Tool(name, effect, _ => "1");

    /// <summary>The version of the thread after each commit.</summary>
    private static List<int> Commits(AgentBench bench)
    {
        var commits = new List<int>();
        bench.Store.Appended += (_, version) => commits.Add(version);
        return commits;
    }

    /// <summary>A commit that takes until this is let go; whatever else is written waits for it.</summary>
    private sealed class HeldDisk : IAsyncDisposable
    {
        private readonly ManualResetEventSlim _let = new();
        private readonly TaskCompletionSource _held = new();
        private Task? _write;

        public static async Task<HeldDisk> Of(AgentBench bench)
        {
            var disk = new HeldDisk();
            disk._write = Task.Run(() => bench.Store.Commits.Run(_ =>
            {
                disk._held.SetResult();
                disk._let.Wait(TestContext.Current.CancellationToken);
                return 0;
            }));
            await disk._held.Task;
            return disk;
        }

        public async ValueTask DisposeAsync()
        {
            _let.Set();
            await _write!;
            _let.Dispose();
        }
    }

    private sealed class SlowModel(params object[] replies) : IModel
    {
        private readonly Channel<object> _answers = Channel.CreateUnbounded<object>();
        private readonly Channel<int> _asked = Channel.CreateUnbounded<int>();
        private int _next;

        public string Name => "slow";

        public async Task Asked() => await _asked.Reader.ReadAsync(TestContext.Current.CancellationToken);

        public void Answer() => _answers.Writer.TryWrite(replies[_next++]);

        public async Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation)
        {
            _asked.Writer.TryWrite(turn.Log.Thread.Version);
            var answer = await _answers.Reader.ReadAsync(cancellation);
            return answer is Exception hole ? throw hole : new ModelReply.Said((string)answer);
        }
    }
}
