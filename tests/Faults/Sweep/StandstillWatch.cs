using AgentMcp.Faults.World;

namespace AgentMcp.Faults.Sweep;

/// <summary>Notices when nothing is seen to happen any more: some thread then never finishes.</summary>
internal sealed class StandstillWatch : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Timer _timer;
    private long _beats;
    private DateTime _since = DateTime.UtcNow;

    public StandstillWatch(Pulse pulse, Action<TimeSpan> stuck) => _timer = new(_ => Look(pulse, stuck), null, Interval, Interval);

    public void Dispose() => _timer.Dispose();

    private void Look(Pulse pulse, Action<TimeSpan> stuck)
    {
        if (pulse.Beats != _beats)
        {
            (_beats, _since) = (pulse.Beats, DateTime.UtcNow);
        }
        else if (DateTime.UtcNow - _since > Patience)
        {
            stuck(Patience);
        }
    }
}
