using System.Collections;

namespace AgentMcp.State.Threads;

/// <summary>A thread with the events it is the fold of. Immutable to its readers; appending shares what is there.</summary>
public sealed class ThreadLog
{
    private readonly List<ThreadEvent> _all;
    private readonly int _count;

    private ThreadLog(AgentThread thread, List<ThreadEvent> all) => (Thread, _all, _count) = (thread, all, all.Count);

    public AgentThread Thread { get; }

    public IReadOnlyList<ThreadEvent> Events => new Prefix(_all, _count);

    public static ThreadLog Of(ThreadId id, IEnumerable<ThreadEvent> events)
    {
        List<ThreadEvent> all = [.. events];
        return new(AgentThread.Fold(id, all), all);
    }

    /// <exception cref="InvalidDataException">An event cannot follow what came before.</exception>
    public ThreadLog With(IReadOnlyList<ThreadEvent> events)
    {
        if (events.Count == 0)
        {
            return this;
        }

        var thread = events.Aggregate(Thread, AgentThread.Evolve);
        // The list grows in place as long as this is its newest owner, so that a long thread does not copy itself at every step.
        lock (_all)
        {
            var all = _count == _all.Count ? _all : _all[.._count];
            all.AddRange(events);
            return new(thread, all);
        }
    }

    /// <summary>The newest events, oldest first.</summary>
    public IReadOnlyList<ThreadEvent> Last(int count) => _all.GetRange(_count - count, count);

    /// <summary>The thread as it was at an earlier version.</summary>
    public ThreadLog At(int version) => version >= _count ? this : Of(Thread.Id, _all[..version]);

    private sealed class Prefix(List<ThreadEvent> all, int count) : IReadOnlyList<ThreadEvent>
    {
        public int Count => count;

        public ThreadEvent this[int index] => index < count ? all[index] : throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<ThreadEvent> GetEnumerator()
        {
            for (var i = 0; i < count; i++)
            {
                yield return all[i];
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
