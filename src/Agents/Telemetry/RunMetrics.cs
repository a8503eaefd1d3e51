using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace AgentMcp.Agents.Telemetry;

/// <summary>How the runs of this process get on: what <see cref="StepMetrics"/> cannot tell from the log.</summary>
public static class RunMetrics
{
    public static readonly Meter Meter = new(Tracing.Name);

    private static readonly UpDownCounter<long> Queue = Meter.CreateUpDownCounter<long>("agentmcp.queue.length", "{thread}", "Runs that wait for a place.");
    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>("agentmcp.queue.wait", "s", "How long a run waited for its place.");
    private static readonly Counter<long> Lost = Meter.CreateCounter<long>("agentmcp.leases.lost", "{lease}", "Runs that ended because their thread was cancelled or taken over.");

    public static void LostALease() => Lost.Add(1);

    public static async Task Enter(SemaphoreSlim places)
    {
        var began = Stopwatch.GetTimestamp();
        var enter = places.WaitAsync();
        if (!enter.IsCompleted)
        {
            Queue.Add(1);
            await enter.ConfigureAwait(false);
            Queue.Add(-1);
        }

        await enter.ConfigureAwait(false);
        Wait.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
    }
}
