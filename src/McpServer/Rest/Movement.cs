using System.Threading.Channels;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Rest;

/// <summary>Waits for a thread to move. What this process appends is known at once; what others append is found by looking.</summary>
internal sealed class Movement : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private readonly Channel<bool> _moved = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Core _core;
    private readonly ThreadId _thread;
    private readonly TimeProvider _clock;
    private Task<bool>? _signal;

    public Movement(Core core, ThreadId thread, TimeProvider clock)
    {
        (_core, _thread, _clock) = (core, thread, clock);
        core.Moved += Signal;
    }

    /// <returns>False when it has not moved beyond this version in this time. To be purged is a move too.</returns>
    public async Task<bool> Wait(int version, TimeSpan atMost, CancellationToken cancellation)
    {
        var began = _clock.GetTimestamp();
        while (_clock.GetElapsedTime(began) < atMost)
        {
            _signal ??= _moved.Reader.ReadAsync(cancellation).AsTask();
            await Task.WhenAny(_signal, Task.Delay(Glance, _clock, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (_signal.IsCompleted || _core.Index.VersionOf(_thread) is var now && (now > version || now == 0))
            {
                _signal = _signal.IsCompleted ? null : _signal;
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _core.Moved -= Signal;

    private void Signal(ThreadId thread, int version)
    {
        if (thread == _thread)
        {
            _moved.Writer.TryWrite(true);
        }
    }
}
