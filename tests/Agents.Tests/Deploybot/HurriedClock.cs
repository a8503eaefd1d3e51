namespace AgentMcp.Agents.Tests;

/// <summary>A clock on which every wait is over at once, and time has passed as if it had been waited for.</summary>
public sealed class HurriedClock : TimeProvider
{
    private long _waited;

    public TimeSpan Waited => new(Interlocked.Read(ref _waited));

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 2, 1, 12, 0, 0, TimeSpan.Zero) + Waited;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Add(ref _waited, dueTime.Ticks);
        return System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
