using System.Runtime.CompilerServices;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tools;

/// <summary>
/// Work of which no event says that it began: a fact that is fetched, a preview, a judge in code. Where whoever ran the
/// thread before may be dead of it, it is counted while it is under way, so that it does not end process after process.
/// Thread-safe.
/// </summary>
internal static class Unmarked
{
    /// <summary>Why it is not begun any more.</summary>
    public const string GivenUp = "its process ended 20 times while it was under way, so it is not tried again";

    // More than a host comes to that is merely killed often while somebody works on it: then nothing is wrong with the work.
    private const int Most = 20;

    // From then on it may be what ends them, and runs beside none that may be, too: those that had bad company come through.
    // One that hangs is not waited for, nor a crowd of them.
    private const int Suspect = 3;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private static readonly ConditionalWeakTable<Relays, SemaphoreSlim> Lines = [];

    /// <param name="of">The call it is for; of a fact, the version that it will have in the log.</param>
    /// <param name="isPickedUp">Whoever ran the thread before may be dead.</param>
    /// <param name="work">Ends with an exception where it is cut off in good order: then it is not counted.</param>
    /// <exception cref="ToolException">It is not begun any more.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop before its turn came.</exception>
    public static async Task<T> Run<T>(this Relays relays, ThreadId thread, CallId of, bool isPickedUp, Func<Task<T>> work, CancellationToken stop)
    {
        if (!isPickedUp)
        {
            return await work().ConfigureAwait(false);
        }

        var line = relays.Counted(thread, of) >= Suspect ? Lines.GetValue(relays, _ => new(1)) : null;
        var isTurn = line is not null && await line.WaitAsync(LongestWait, stop).ConfigureAwait(false);
        try
        {
            return await Counting().ConfigureAwait(false);
        }
        finally
        {
            if (isTurn)
            {
                line!.Release();
            }
        }

        async Task<T> Counting()
        {
            var count = await relays.Count(thread, of).ConfigureAwait(false);
            try
            {
                return count > Most ? throw new ToolException(GivenUp) : await work().ConfigureAwait(false);
            }
            finally
            {
                await relays.Uncount(thread, of).ConfigureAwait(false);
            }
        }
    }
}
