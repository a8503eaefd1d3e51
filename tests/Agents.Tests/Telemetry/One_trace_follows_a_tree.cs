using System.Collections.Concurrent;
using System.Diagnostics;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Workflows;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Telemetry;

/// <summary>
/// A workflow that calls an agent, as whoever listens to the source gets their runs: in a process that crashes, in the one
/// that picks them up, and in copies. Other tests of this process have runs too, which are in other traces or in none.
/// </summary>
public sealed class One_trace_follows_a_tree : IDisposable
{
    private const string Caller = "2222222222222222";
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public One_trace_follows_a_tree()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == Tracing.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId == _trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            // The run that is cut off never stops.
            ActivityStarted = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task Over_children_a_crash_and_copies()
    {
        var flow = Shop.Flow(async (run, what) => (await run.Agent("frontend", new { message = what })).Text);
        var held = new HeldModel(TestAgents.Done);
        await using var first = new AgentBench(new Shop().With(flow), held);
        var id = (await first.Host.Launch("flow", AgentBench.Message("x"), AgentBench.Me, trace: CallersTrace.Of($"00-{_trace}-{Caller}-01", "vendor=told"))).Thread.Id;
        await held.Asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        await first.Settle(id);
        await using var second = first.Crash(Shop.Plays);
        await second.Runner.Recover();
        var child = second.ChildOf(await second.SettleTree(id)).Thread.Id;
        await Shop.Answer(second, id, "store", approved: true);
        Assert.Equal(ThreadStatus.Completed, (await second.Settle(id)).Thread.Status);

        await second.SettleTree(await second.Host.Fork(child, 1, AgentBench.Me));
        await second.SettleTree(await second.Host.Fork(id, 1, AgentBench.Me));

        Assert.Equal(
            """
            invoke_workflow flow 1
              execute_tool frontend 1
                invoke_agent frontend 2
                  chat scripted 2
                  invoke_agent frontend 2
                    chat scripted 2
                  invoke_agent frontend 2
                    execute_tool store 2
                    chat scripted 2
                  invoke_agent frontend 3
                    chat scripted 3
              invoke_workflow flow 1
              invoke_workflow flow 4
                execute_tool frontend 4
                  invoke_agent frontend 5
                    chat scripted 5
            """, Tree());
        Assert.All(second.Index.List(new(AgentBench.Me.By)).Rows.Select(row => second.Store.Read(ThreadId.Parse(row.ThreadId)).Thread.Start),
            start => Assert.Equal(($"00-{_trace}", "vendor=told"), (start.Trace![..35], start.TraceState)));
    }

    public void Dispose() => _listener.Dispose();

    // Each with the number of its thread.
    private string Tree()
    {
        var all = _spans.Where(span => span.TraceId == _trace && span.Recorded).ToList();
        var threads = all.Select(Thread).Distinct().ToList();
        return string.Join('\n', Below(Caller, 0));

        IEnumerable<string> Below(string parent, int depth) => all.Where(span => span.ParentSpanId.ToHexString() == parent)
            .SelectMany(span => Below(span.SpanId.ToHexString(), depth + 1).Prepend($"{new string(' ', depth * 2)}{span.DisplayName} {threads.IndexOf(Thread(span)) + 1}"));
    }

    private static object? Thread(Activity span) => span.GetTagItem("gen_ai.conversation.id");
}
