using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Agents.Tests.Bench;

/// <summary>Stands still until moved, and tells when somebody has begun to wait, so that time is not moved too early.</summary>
internal sealed class BenchClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource> _waited = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        For(dueTime).TrySetResult();
        return timer;
    }

    /// <summary>Completes once somebody waits for just this long.</summary>
    public Task Waited(TimeSpan dueTime) => For(dueTime).Task.WaitAsync(TestContext.Current.CancellationToken);

    private TaskCompletionSource For(TimeSpan dueTime) => _waited.GetOrAdd(dueTime, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
