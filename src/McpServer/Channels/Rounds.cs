using AgentMcp.State.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Channels;

/// <summary>Does what is due until nothing is, then waits for word or for a while: other processes write too, and send no word.</summary>
internal sealed class Rounds(TimeSpan atMost, TimeProvider clock, ILogger logger)
{
    private TaskCompletionSource _word = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LookAgain() => Interlocked.Exchange(ref _word, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <param name="next">Does one thing; false when there was nothing to do.</param>
    /// <param name="due">When the next is due, as far as is known.</param>
    public async Task Run(Func<Task<bool>> next, Func<DateTimeOffset?> due, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            // Taken before looking: what is written while this looks ends the wait that follows.
            var word = _word.Task;
            var wait = atMost;
            try
            {
                while (!stopping.IsCancellationRequested && await next().ConfigureAwait(false))
                {
                }

                wait = due() - clock.GetUtcNow() is { } left && left > TimeSpan.Zero && left < atMost ? left : atMost;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The disk may be full or the file locked for now; what is owed stays owed. A defect of ours is no end either: nobody would begin again.
                logger.LogError(e is DatabaseException or InvalidDataException ? null : e, "Messages cannot be dealt with: {Reason}", e.Message);
            }

            await word.WaitAsync(wait, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
