using System.Collections.Concurrent;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// Whether one more thread may be started from outside: what a principal has open is bounded, and what runs in this
/// process at once. What agents call is bounded by their own limits. Thread-safe.
/// </summary>
/// <param name="open">How many threads of a principal are open, counted up to a number.</param>
/// <param name="running">How many run in this process.</param>
public sealed class Admission(Func<string, int, int> open, Func<int> running, int mostOpen, int mostRunning)
{
    private const int MostKnown = 10_000;
    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    /// <exception cref="RefusedException">There are too many; nothing was started.</exception>
    public void Check(string principal)
    {
        if (running() >= mostRunning)
        {
            throw new RefusedException(RefusalCode.Busy,
                $"This server runs {mostRunning} threads at once and takes no more for the moment; nothing was started. Make the same call again in a few seconds. (Setting max_runs)");
        }

        if (_seen.Count > MostKnown)
        {
            _seen.Clear();
        }

        // Counting takes as long as there is to count. What was counted and what was started since is at least what there is.
        var seen = _seen.GetOrAdd(principal, _ => new());
        lock (seen)
        {
            if (seen.AtMost >= mostOpen)
            {
                seen.AtMost = open(principal, mostOpen);
            }

            if (seen.AtMost >= mostOpen)
            {
                throw new RefusedException(RefusalCode.LimitReached,
                    $"{principal} has {mostOpen} threads that run or wait, the most one may have; nothing was started. Answer or cancel some first: list_threads with status pending shows them. (Setting max_threads)");
            }

            seen.AtMost++;
        }
    }

    private sealed class Seen
    {
        // At first nothing is known, so the first look counts.
        public int AtMost { get; set; } = int.MaxValue;
    }
}
