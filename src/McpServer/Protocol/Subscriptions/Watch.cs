using System.Threading.Channels;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>
/// What one subscription has not been told yet. A thread that moves a hundred times before its client reads is one
/// entry, so a client that never reads costs no more than the threads it named.
/// </summary>
internal sealed class Watch(Action<Watch> close) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ThreadId, int> _known = [];
    private readonly HashSet<ThreadId> _moved = [];
    private readonly HashSet<string> _lists = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public IReadOnlyCollection<ThreadId> Threads
    {
        get
        {
            lock (_lock)
            {
                return [.. _known.Keys];
            }
        }
    }

    /// <param name="version">What the client can be taken to know; whatever comes later is told.</param>
    public void Follow(ThreadId thread, int version)
    {
        lock (_lock)
        {
            _known.TryAdd(thread, version);
        }
    }

    /// <summary>It could not be told: at the next glance it has moved again.</summary>
    public void Missed(ThreadId thread)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(thread, out var known))
            {
                _known[thread] = known - 1;
            }
        }
    }

    public void Forget(ThreadId thread)
    {
        lock (_lock)
        {
            _known.Remove(thread);
            _moved.Remove(thread);
        }
    }

    public void Note(ThreadId thread, int version)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(thread, out var known) || version <= known)
            {
                return;
            }

            _known[thread] = version;
            _moved.Add(thread);
        }

        _signal.Writer.TryWrite(true);
    }

    public void Note(string list)
    {
        lock (_lock)
        {
            _lists.Add(list);
        }

        _signal.Writer.TryWrite(true);
    }

    /// <summary>Waits until there is something to tell, and takes all of it.</summary>
    public async Task<Moves> Next(CancellationToken cancellation)
    {
        await _signal.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            var moves = new Moves([.. _lists.Order(StringComparer.Ordinal)], [.. _moved.OrderBy(thread => thread.Value, StringComparer.Ordinal)]);
            _lists.Clear();
            _moved.Clear();
            return moves;
        }
    }

    public void Dispose() => close(this);
}

/// <param name="Lists">The notifications of the lists that changed.</param>
internal sealed record Moves(IReadOnlyList<string> Lists, IReadOnlyList<ThreadId> Threads);
