using System.Globalization;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Rest;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// Tells open pages that something changed, by whichever process, as server-sent events: each carries how many
/// requests wait, and a page then fetches itself anew. Whoever stops reading is cut off by the server's own limits.
/// </summary>
internal sealed class LiveStream(Core core, TimeProvider clock)
{
    private const int MostReaders = 200;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private int _readers;

    public async Task Send(HttpContext context, Principal who, Func<bool> isSignedIn)
    {
        if (Interlocked.Increment(ref _readers) > MostReaders)
        {
            Interlocked.Decrement(ref _readers);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = RestErrors.Soon;
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, core.Stopping);
        try
        {
            PageReply.Guard(context);
            context.Response.ContentType = "text/event-stream";
            await Watch(context.Response, core.Access.SightOf(who), isSignedIn, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The page was closed, or the server stops: the browser asks again by itself.
        }
        catch (Exception e) when (e is DatabaseException or RefusedException && context.Response.HasStarted)
        {
            // It cannot be read now, as the page says that the browser then fetches.
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private async Task Watch(HttpResponse response, Sight sight, Func<bool> isSignedIn, CancellationToken cancellation)
    {
        using var watch = new DatabaseWatch(core.Database);
        using var timer = new PeriodicTimer(Glance, clock);
        var told = clock.GetTimestamp();
        await Tell($"retry: 1000\n{Count(sight)}").ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            if (watch.Moved())
            {
                // A key that was revoked is such a move.
                if (!isSignedIn())
                {
                    return;
                }

                await Tell(Count(sight)).ConfigureAwait(false);
            }
            else if (clock.GetElapsedTime(told) > Heartbeat)
            {
                // Through it a connection that is gone is noticed.
                await Tell(":\n\n").ConfigureAwait(false);
            }
        }

        async Task Tell(string text)
        {
            await response.WriteAsync(text, cancellation).ConfigureAwait(false);
            await response.Body.FlushAsync(cancellation).ConfigureAwait(false);
            told = clock.GetTimestamp();
        }
    }

    private string Count(Sight sight) => string.Create(CultureInfo.InvariantCulture, $"data: {core.Pending.Count(sight)}\n\n");
}
