using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Agents.Tests.Models;

/// <summary>
/// A clock on which pauses take no time: a timer of up to two minutes is noted and then over. Longer ones are the
/// limits of attempts, which a test lets pass by <see cref="PassAttempt"/>.
/// </summary>
internal sealed class SkippingClock() : FakeTimeProvider(Epoch)
{
    public static readonly DateTimeOffset Epoch = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(2);
    private readonly ConcurrentQueue<TimeSpan> _pauses = new();

    // The clock below forgets to look for timers that are due when another thread is just looking.
    private readonly Lock _looking = new();

    public IReadOnlyList<TimeSpan> Pauses => [.. _pauses];

    public void PassAttempt() => Pass(TimeSpan.FromMinutes(5));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer;
        lock (_looking)
        {
            timer = base.CreateTimer(callback, state, dueTime, period);
        }

        if (dueTime > TimeSpan.Zero && dueTime <= LongestPause)
        {
            _pauses.Enqueue(dueTime);
            ThreadPool.QueueUserWorkItem(_ => Pass(dueTime));
        }

        return timer;
    }

    private void Pass(TimeSpan time)
    {
        lock (_looking)
        {
            Advance(time);
        }
    }
}
