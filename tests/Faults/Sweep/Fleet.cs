namespace AgentMcp.Faults.Sweep;

/// <summary>The processes that take calls at the moment. Thread-safe.</summary>
internal sealed class Fleet
{
    private readonly Lock _lock = new();
    private readonly List<Life> _ready = [];
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(Life life)
    {
        lock (_lock)
        {
            _ready.Add(life);
            Changed();
        }
    }

    public void Remove(Life life)
    {
        lock (_lock)
        {
            _ready.Remove(life);
            Changed();
        }
    }

    /// <summary>Waits until one is none of them any more, but no longer than a second: it may not be the process that is gone.</summary>
    public async Task Without(Life life)
    {
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        while (!enough.IsCancellationRequested)
        {
            Task change;
            lock (_lock)
            {
                if (!_ready.Contains(life))
                {
                    return;
                }

                change = _change.Task;
            }

            await change.WaitAsync(enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One of them; when there is none, the first to come.</summary>
    public async Task<Life> Any(Random random)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (_ready.Count > 0)
                {
                    return _ready[random.Next(_ready.Count)];
                }

                change = _change.Task;
            }

            await change;
        }
    }

    private void Changed()
    {
        _change.TrySetResult();
        _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
