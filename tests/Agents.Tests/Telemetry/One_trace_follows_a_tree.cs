using System.Collections.Concurrent;
using System.Diagnostics;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Workflows;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Telemetry;

/// <summary>
/// A workflow that calls an agent, as whoever listens to the source gets their runs: in a process that crashes, in one that
/// picks both up, and in a copy. Other tests of this process have runs too, which are in other traces.
/// </summary>
public sealed class One_trace_follows_a_tree : IDisposable
{
    private static readonly ActivityTraceId Trace = ActivityTraceId.CreateRandom();
    private static readonly CallersTrace Caller = CallersTrace.Of($"00-{Trace}-2222222222222222-01", "vendor=told")!;
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentDictionary<string, byte> _threads = new();
    private readonly ActivityListener _listener;

    public One_trace_follows_a_tree()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == Tracing.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();
}
