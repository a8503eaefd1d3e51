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
            _change.TrySetResult();
            _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Remove(Life life)
    {
        lock (_lock)
        {
            _ready.Remove(life);
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
}
