using System.Threading.Channels;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tools;

/// <summary>
/// Waits for a thread on behalf of a call: bounded in time, bounded in number, and telling the client how it goes. A
/// call that finds no place answers at once with what is known; the run does not depend on anybody waiting.
/// </summary>
internal sealed class WaitingCalls(Core core)
{
    private int _waiting;

    /// <summary>As long as a call may wait that says this, or nothing.</summary>
    public TimeSpan AtMost(double? seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds ?? core.Settings.WaitSeconds, 0, core.Settings.MostWaitSeconds));

    /// <param name="owner">Whose it is, as the caller was told when it asked for access.</param>
    /// <param name="answered">The thread that the call has answered, which may be below the one it waits for.</param>
    /// <param name="told">What the call has told of its progress before; null when nothing.</param>
    /// <returns>The thread; of one that is seen no more when the wait is over, what was answered below it.</returns>
    /// <exception cref="RefusedException">It is seen no more: what it asked was answered by somebody else.</exception>
    public async Task<ThreadLog> For(
        ThreadId thread, string owner, Principal who, double? seconds, RequestContext<CallToolRequestParams>? request, CancellationToken cancellation, ThreadId? answered = null,
        ToldProgress? told = null)
    {
        var log = await Wait(thread, owner, who, seconds, request, told ?? new(), cancellation).ConfigureAwait(false);
        return core.Sees(who, thread) ? log
            : answered is { } below && core.Sees(who, below) ? core.Host.Get(below, owner) : throw ThreadStore.NotFound(thread);
    }

    private async Task<ThreadLog> Wait(
        ThreadId thread, string owner, Principal who, double? seconds, RequestContext<CallToolRequestParams>? request, ToldProgress told, CancellationToken cancellation)
    {
        var atMost = AtMost(seconds);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, core.Stopping);
        try
        {
            if (Interlocked.Increment(ref _waiting) > core.Settings.MostWaiting)
            {
                return core.Host.Get(thread, owner);
            }

            return request?.Params.ProgressToken is { } token
                ? await Reporting(thread, owner, who, atMost, request.Server, token, told, ended.Token).ConfigureAwait(false)
                : await core.Host.Wait(thread, owner, atMost, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (core.Stopping.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return core.Host.Get(thread, owner);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<ThreadLog> Reporting(
        ThreadId thread, string owner, Principal who, TimeSpan atMost, ModelContextProtocol.Server.McpServer client, ProgressToken token, ToldProgress told, CancellationToken cancellation)
    {
        var moves = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var seen = new SeenThreads(core, thread, owner);
        void Moved(ThreadId id, int version)
        {
            if (seen.Note(id, version))
            {
                moves.Writer.TryWrite(true);
            }
        }

        core.Moved += Moved;
        try
        {
            var wait = core.Host.Wait(thread, owner, atMost, cancellation);
            var counted = 0f;
            while (await Task.WhenAny(wait, moves.Reader.WaitToReadAsync(cancellation).AsTask()).ConfigureAwait(false) != wait)
            {
                // Two moves may be one number by the time it is read.
                if (moves.Reader.TryRead(out _) && seen.Progress is var progress && progress.Progress > counted && core.Sees(who, thread))
                {
                    counted = progress.Progress;
                    await client.NotifyProgressAsync(token, new() { Progress = told.Next(counted), Message = progress.Message }, cancellationToken: cancellation).ConfigureAwait(false);
                }
            }

            return await wait.ConfigureAwait(false);
        }
        finally
        {
            core.Moved -= Moved;
        }
    }
}
