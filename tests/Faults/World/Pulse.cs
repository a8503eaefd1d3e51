namespace AgentMcp.Faults.World;

/// <summary>Counts what is seen to happen, so that a moment can be chosen by what has happened rather than by the clock.</summary>
internal sealed class Pulse
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private long _beats;

    public long Beats => Interlocked.Read(ref _beats);

    public void Beat()
    {
        lock (_lock)
        {
            _beats++;
            while (_waiting.TryPeek(out var next, out var at) && at <= _beats)
            {
                _waiting.Dequeue();
                next.TrySetResult();
            }
        }
    }

    public Task After(int beats)
    {
        lock (_lock)
        {
            var wait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(wait, _beats + beats);
            return wait.Task;
        }
    }
}
