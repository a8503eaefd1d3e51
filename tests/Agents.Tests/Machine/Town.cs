using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>
/// The world that the tools change: it counts what was done under each key. It knows of an attempt whether it was
/// declared over before it arrived, as a service does that can be asked. Thread-safe.
/// </summary>
internal sealed class Town
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _times = [];
    private readonly Dictionary<string, int> _closed = [];

    /// <summary>Does it, unless whoever does it is dead.</summary>
    public string Do(Server by, ToolCall call)
    {
        lock (_lock)
        {
            by.MustLive();
            if (call.Attempt <= _closed.GetValueOrDefault(call.IdempotencyKey))
            {
                throw new ToolException("too late");
            }

            _times[call.IdempotencyKey] = _times.GetValueOrDefault(call.IdempotencyKey) + 1;
            return "done";
        }
    }

    /// <summary>How often what was done, by its key, as it is now.</summary>
    public IReadOnlyDictionary<string, int> Times()
    {
        lock (_lock)
        {
            return new Dictionary<string, int>(_times);
        }
    }

    /// <summary>The same, once and for all: none of these attempts does anything from now on.</summary>
    public int Settle(string key, int attempts)
    {
        lock (_lock)
        {
            _closed[key] = Math.Max(attempts, _closed.GetValueOrDefault(key));
            return _times.GetValueOrDefault(key);
        }
    }

    /// <summary>Nothing is done while this runs, and so whoever dies in it has done nothing after it.</summary>
    public void Still(Action act)
    {
        lock (_lock)
        {
            act();
        }
    }
}

/// <summary>How often things were done, at the least and at the most.</summary>
internal sealed record Happenings(IReadOnlyDictionary<string, int> Least, IReadOnlyDictionary<string, int> Most)
{
    public (int Least, int Most) Times(string key) => (Least.GetValueOrDefault(key), Most.GetValueOrDefault(key));
}
