using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tools;

/// <summary>
/// Work of which no event says that it began: a fact that is fetched, a preview, a judge in code. Where whoever ran the
/// thread before may be dead of it, it is counted while it is under way, so that it does not end process after process.
/// </summary>
internal static class Unmarked
{
    /// <summary>Why it is not begun any more.</summary>
    public const string GivenUp = "its process ended 10 times while it was under way, so it is not tried again";

    // More than a host comes to that is merely killed often while somebody works on it: then nothing is wrong with the work.
    private const int Most = 10;

    /// <param name="of">The call it is for; of a fact, the version that it will have in the log.</param>
    /// <param name="isPickedUp">Whoever ran the thread before may be dead.</param>
    /// <param name="work">Ends with an exception where it is cut off in good order: then it is not counted.</param>
    /// <exception cref="ToolException">It is not begun any more.</exception>
    public static async Task<T> Run<T>(this Relays relays, ThreadId thread, CallId of, bool isPickedUp, Func<Task<T>> work)
    {
        if (!isPickedUp)
        {
            return await work().ConfigureAwait(false);
        }

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
