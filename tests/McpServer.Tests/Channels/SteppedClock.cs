using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>A clock that is moved by hand, and knows how many wait for it: only when all do, no time is lost by moving it.</summary>
public sealed class SteppedClock(DateTimeOffset start) : TimeProvider
{
    private readonly FakeTimeProvider _clock = new(start);
    private int _waiting;
    private long _ahead;

    public int Waiting => Volatile.Read(ref _waiting);

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override long TimestampFrequency => _clock.TimestampFrequency;

    /// <summary>Puts the time of day right, which lets no time pass.</summary>
    public void Set(DateTimeOffset now) => Interlocked.Exchange(ref _ahead, (now - _clock.GetUtcNow()).Ticks);

    public void Advance(TimeSpan time) => _clock.Advance(time);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _waiting);
        var ended = 0;
        return new Counted(_clock.CreateTimer(given =>
        {
            End();
            callback(given);
        }, state, dueTime, period), End);

        void End()
        {
            if (Interlocked.Exchange(ref ended, 1) == 0)
            {
                Interlocked.Decrement(ref _waiting);
            }
        }
    }

    private sealed class Counted(ITimer timer, Action end) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            end();
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            end();
            return timer.DisposeAsync();
        }
    }
}
