namespace AgentMcp.Server.Hosting;

/// <summary>
/// Standard input whose end is held back: once it has ended the SDK sends no answer any more, yet waits for every call
/// it still has. So the end is told to <paramref name="ended"/> first, and passed on when that is through.
/// </summary>
internal sealed class WatchedInput(Stream input, Action<ReadOnlySpan<byte>> seen, Func<Task> ended) : ReadingStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        seen(buffer.Span[..read]);
        if (read == 0 && buffer.Length > 0)
        {
            await ended().ConfigureAwait(false);
        }

        return read;
    }
}
